use std::fs::{FileType, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::Uid;
use walkdir::DirEntry;

use super::context::{Context, Target};
use super::problem::Problem;

/// The file that makes a directory an OCI layout (image-spec, image-layout.md).
pub(super) const LAYOUT_MARKER: &str = "oci-layout";

/// The metadata of a regular file that `user` can read, which is found out without opening it.
pub(super) fn packable(entry: &DirEntry, user: Uid) -> Result<Metadata, Problem> {
    if let Some(what) = special(entry.file_type()) {
        return Err(Problem::Special(what));
    }
    let metadata = entry
        .metadata()
        .map_err(|error| Problem::Unreadable(error.into_io_error().map_or_else(String::new, |error| reason(&error))))?;
    // Asking costs two thirds of a `stat`; for one's own files, which are nearly all, the mode has told it already.
    let owned = metadata.uid() == user.as_raw() && metadata.mode() & 0o400 != 0;
    if !owned {
        access(entry.path(), Access::READ_OK).map_err(|error| Problem::Unreadable(reason(&error.into())))?;
    }
    Ok(metadata)
}

fn special(file_type: FileType) -> Option<&'static str> {
    if file_type.is_file() {
        None
    } else if file_type.is_fifo() {
        Some("FIFO")
    } else if file_type.is_socket() {
        Some("socket")
    } else {
        Some("device")
    }
}

/// Whether a directory is an OCI layout: an artifact that was built earlier.
pub(super) fn is_layout(directory: &Path) -> bool {
    fs_err::metadata(directory.join(LAYOUT_MARKER)).is_ok_and(|metadata| metadata.is_file())
}

/// What the system said, without the path, which the message names already.
pub(super) fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) if code == Errno::ACCESS.raw_os_error() => "permission denied".to_owned(),
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.to_string(),
    }
}

/// Why walkdir cannot give a link that `stat` does not follow. `link` is a link whose directory is canonical.
pub(super) fn lost(context: &Context, link: &Path, error: Option<&io::Error>) -> Problem {
    if let Ok(Target::Outside(place)) = context.follow(link) {
        return Problem::Outside(place);
    }
    let said = error.map_or_else(String::new, reason);
    if error.and_then(io::Error::raw_os_error) == Some(Errno::LOOP.raw_os_error()) {
        return Problem::SelfLink;
    }
    match fs_err::read_link(link) {
        Ok(target) if !link.exists() => Problem::Dangling(target),
        _ => Problem::Unreadable(said),
    }
}
