//! Whether a file that is to be written would spoil something that is read.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::plan::real_path;
use crate::store::Location;

/// Refuses to write `file` over one of `inputs`: over the same file, by whatever name, or over, or into, a directory that
/// is a layout.
pub fn check<'a>(file: &Path, inputs: impl IntoIterator<Item = &'a Path>) -> Result<(), Failure> {
    let place = real_path(file);
    let known = identity(file);
    for input in inputs {
        let over = if input.is_dir() {
            is_in_layout(&place, known, input).then_some("into")
        } else {
            let is_same = real_path(input) == place || known.is_some() && identity(input) == known;
            is_same.then_some("over")
        };
        if let Some(over) = over {
            let (shown, input) = (file.display(), input.display());
            return Err(Failure::usage(
                format!("`{shown}` would be written {over} `{input}`, which is read"),
                "choose another place",
            ));
        }
    }
    Ok(())
}

/// Refuses to write `file` over what is at `location`.
pub fn check_location(file: &Path, location: &Location) -> Result<(), Failure> {
    match location {
        Location::Layout(path) | Location::Archive(path) | Location::File(path) => check(file, [path.as_path()]),
        Location::Registry(_) => Ok(()),
    }
}

/// Whether a place lies in a layout, or is a file of it by another name: a link's, either way.
fn is_in_layout(place: &Path, known: Option<(u64, u64)>, layout: &Path) -> bool {
    let blobs = layout.join("blobs");
    let algorithms = entries(&blobs);
    let directories = [layout, &blobs]
        .into_iter()
        .chain(algorithms.iter().map(PathBuf::as_path));
    if directories
        .into_iter()
        .any(|directory| place.starts_with(real_path(directory)))
    {
        return true;
    }
    let is_it = |path: &PathBuf| identity(path) == known;
    known.is_some()
        && (entries(layout).iter().any(is_it)
            || algorithms
                .iter()
                .flat_map(|path| entries(path))
                .any(|path| is_it(&path)))
}

/// What is in a directory; nothing where that cannot be told, and then nothing is read there either.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(directory).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// What tells a file, whatever it is called. What is none, such as a terminal, cannot be written over.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs_err::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some((metadata.dev(), metadata.ino()))
}
