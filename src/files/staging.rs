//! Files that have no name until they are complete.
//!
//! On Linux a staged file is an unnamed one (`O_TMPFILE`), so that not even `kill -9` leaves anything behind. Where the
//! file system has no such files, it is a temporary file that is removed unless it is published.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::File;
use tempfile::TempPath;

/// What the names of temporary files begin with; hidden, so that no pattern of a Modelfile matches them.
const PREFIX: &str = ".modelbuild-";

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
    /// A new, empty file on the file system of `directory`, as the user's umask has it.
    ///
    /// # Errors
    /// No file can be made there.
    pub fn new(directory: &Path) -> io::Result<Self> {
        Self::with_mode(directory, 0o666, directory)
    }

    /// As [`Staged::new`]; errors call it `output`, which is what the user named.
    ///
    /// # Errors
    /// No file can be made there.
    pub fn of(output: &Path, directory: &Path) -> io::Result<Self> {
        Self::with_mode(directory, 0o666, output)
    }

    /// A new, empty file on the file system of `directory` that only the user can read.
    ///
    /// # Errors
    /// No file can be made there.
    pub fn private(directory: &Path) -> io::Result<Self> {
        Self::with_mode(directory, 0o600, directory)
    }

    /// `mode` is what the umask leaves of it, as for any new file.
    fn with_mode(directory: &Path, mode: u32, called: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(directory, mode, called)? {
            return Ok(Self {
                file: Arc::new(file),
                directory: directory.into(),
                temporary: None,
            });
        }
        let (file, path) = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(directory)?
            .into_parts();
        let file = File::from_parts(file, called);
        Ok(Self {
            file: Arc::new(file),
            directory: directory.into(),
            temporary: Some(path),
        })
    }

    /// The open file.
    #[must_use]
    pub const fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// Waits until the file's bytes are on the device.
    ///
    /// # Errors
    /// The device could not take them.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives the file its final name in its directory. Returns whether it was this file that got it.
    ///
    /// # Errors
    /// The name cannot be given; what had it before has it still.
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

/// Removes second names that processes left in `directory` which were killed before they renamed them. Only for a
/// directory in which such names are given under its lock, by whoever holds that lock: then none of them is in use.
pub fn sweep(directory: &Path) {
    for path in temporaries(directory) {
        // Best effort: one that stays is harmless.
        let _ = fs_err::remove_file(path);
    }
}

/// The files in `directory` that have no final name yet.
pub(super) fn temporaries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(directory).into_iter().flatten().flatten();
    let temporary = entries.filter(|entry| is_temporary(&entry.file_name()));
    temporary.map(|entry| entry.path()).collect()
}

/// Whether a file's name is one that a staged file has until it gets its final one.
#[must_use]
pub fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
}

/// Opens an unnamed file; `None` where the file system has none, or where one could not be given a name later.
#[cfg(target_os = "linux")]
fn unnamed(directory: &Path, mode: u32, called: &Path) -> io::Result<Option<File>> {
    use rustix::io::Errno;
    match open_unnamed(directory, mode) {
        Ok(file) if Path::new(&descriptor_path(&file)).symlink_metadata().is_ok() => {
            #[allow(clippy::disallowed_types, reason = "wrapped in fs_err's at once")]
            let file = std::fs::File::from(file);
            Ok(Some(File::from_parts(file, called)))
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
fn open_unnamed(directory: &Path, mode: u32) -> rustix::io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, fstat, open, openat};
    use rustix::io::Errno;
    let (flags, mode) = (
        OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC,
        Mode::from_raw_mode(mode),
    );
    match open(directory, flags, mode) {
        // ext4 says that of a directory too which another process removed between its being found and its being used.
        Err(Errno::PERM) => {
            let held = open(
                directory,
                OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
                Mode::empty(),
            )?;
            match openat(&held, ".", flags, mode) {
                Err(Errno::PERM) if fstat(&held)?.st_nlink == 0 => Err(Errno::NOENT),
                opened => opened,
            }
        }
        opened => opened,
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
