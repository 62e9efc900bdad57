use std::io::{self, Write as _};
use std::path::Path;

use fs_err::File;

use super::staging::{IfTaken, Staged};

/// Whether to wait until what was written is on the device before it becomes visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Wait: what is visible survives a power failure.
    #[default]
    Synced,
    /// Do not wait: quicker, and enough where the machine is thrown away (CI).
    Unsynced,
}

/// Gives the file at `path` the content `bytes` in one step, whether it exists or not. A pipe, a device or a symlink
/// (`/dev/stdout`, the shell's `>(…)`) is not replaced but written to.
///
/// # Errors
/// The directory does not exist or cannot be written to, or the disk is full; the file is as it was.
pub fn write_file(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    match fs_err::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            let mut options = fs_err::OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).open(path)?;
            file.write_all(bytes)
        }
        _ => replace_file(path, bytes, durability),
    }
}

/// Gives the file at `path` the content `bytes` in one step, whatever was there.
///
/// # Errors
/// As for [`write_file`].
pub fn replace_file(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    replace(path, bytes, durability, Staged::of)
}

/// As [`replace_file`]; afterwards only the user can read the file.
///
/// # Errors
/// As for [`write_file`].
pub fn replace_private(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    replace(path, bytes, durability, |_, directory| Staged::private(directory))
}

fn replace(
    path: &Path,
    bytes: &[u8],
    durability: Durability,
    stage: impl Fn(&Path, &Path) -> io::Result<Staged>,
) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("`{}` names no file", path.display()),
        ));
    };
    let staged = stage(path, directory)?;
    let mut file: &File = staged.file();
    file.write_all(bytes)?;
    if durability == Durability::Synced {
        staged.sync()?;
    }
    staged.publish(name, IfTaken::Replace)?;
    if durability == Durability::Synced {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
