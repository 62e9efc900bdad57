//! Files that have no name until they are complete.
//!
//! On Linux a staged file is an unnamed one (`O_TMPFILE`), so that not even `kill -9` leaves anything behind. Where the
//! file system has no such files, it is a temporary file that is removed unless it is published.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::File;
use tempfile::TempPath;

/// Whether to wait until what was written is on the device before it becomes visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Wait: what is visible survives a power failure.
    #[default]
    Synced,
    /// Do not wait: quicker, and enough where the machine is thrown away (CI).
    Unsynced,
}

/// What the names of temporary files begin with; hidden, so that no pattern of a Modelfile matches them.
pub const PREFIX: &str = ".modelbuild-";

/// A file that is being written in `directory`.
#[derive(Debug)]
pub struct Staged {
    file: Arc<File>,
    directory: PathBuf,
    /// `None` for an unnamed file.
    temporary: Option<TempPath>,
}

/// What to do where the final name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfTaken {
    /// Leave what is there: it has the same content, as blobs have.
    Keep,
    /// Put the new file in its place, in one step.
    Replace,
}

impl Staged {
    /// A new, empty file on the file system of `directory`.
    pub fn new(directory: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(directory)? {
            return Ok(Self {
                file: Arc::new(file),
                directory: directory.into(),
                temporary: None,
            });
        }
        let (file, path) = tempfile::Builder::new()
            .prefix(PREFIX)
            // As any new file: the user's umask decides, not the crate's 0600.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(directory)?
            .into_parts();
        let file = File::from_parts(file, &path);
        Ok(Self {
            file: Arc::new(file),
            directory: directory.into(),
            temporary: Some(path),
        })
    }

    /// The open file.
    pub const fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// Waits until the file's bytes are on the device.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives the file its final name in its directory. Returns whether it was this file that got it.
    pub fn publish(self, name: impl AsRef<Path>, if_taken: IfTaken) -> io::Result<bool> {
        let path = self.directory.join(name);
        match (self.temporary, if_taken) {
            (Some(temporary), IfTaken::Replace) => temporary.persist(&path).map_err(|error| error.error)?,
            (Some(temporary), IfTaken::Keep) => match temporary.persist_noclobber(&path) {
                Ok(()) => {}
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
                Err(error) => return Err(error.error),
            },
            (None, if_taken) => match name_it(&self.file, &path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match if_taken {
                    IfTaken::Keep => return Ok(false),
                    // A link cannot replace; a rename of a second name can.
                    IfTaken::Replace => {
                        let second = tempfile::Builder::new()
                            .prefix(PREFIX)
                            .make_in(&self.directory, |second| name_it(&self.file, second))?;
                        second.into_temp_path().persist(&path).map_err(|error| error.error)?;
                    }
                },
                Err(error) => return Err(error),
            },
        }
        Ok(true)
    }
}

/// Opens an unnamed file; `None` where the file system has none, or where one could not be given a name later.
#[cfg(target_os = "linux")]
fn unnamed(directory: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{Mode, OFlags};
    use rustix::io::Errno;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match rustix::fs::open(directory, flags, Mode::from_raw_mode(0o666)) {
        Ok(file) if Path::new(&descriptor_path(&file)).symlink_metadata().is_ok() => {
            #[allow(clippy::disallowed_types, reason = "wrapped in fs_err's at once")]
            let file = std::fs::File::from(file);
            Ok(Some(File::from_parts(file, directory)))
        }
        // EISDIR: kernels before 3.11; EOPNOTSUPP, EINVAL: file systems without unnamed files (NFS, some FUSE).
        Ok(_) | Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => Ok(None),
        Err(error) => {
            let error = io::Error::from(error);
            Err(io::Error::new(
                error.kind(),
                format!("cannot create a file in `{}`: {error}", directory.display()),
            ))
        }
    }
}

#[cfg(target_os = "linux")]
fn descriptor_path(file: &impl std::os::fd::AsRawFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Gives an unnamed file its name (open(2), `O_TMPFILE`).
#[cfg(target_os = "linux")]
fn name_it(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD};
    rustix::fs::linkat(CWD, descriptor_path(file), CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("cannot create `{}`: {error}", path.display()))
    })
}

#[cfg(not(target_os = "linux"))]
fn name_it(_: &File, path: &Path) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        format!("`{}`: no unnamed files on this system", path.display()),
    ))
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
pub fn replace_file(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
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
    let staged = Staged::new(directory)?;
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
