use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use fs_err::os::unix::fs::OpenOptionsExt as _;
use fs_err::{File, OpenOptions};
use rustix::fs::{
    Access, AtFlags, FileType, FlockOperation, Mode, OFlags, Stat, accessat, fstat, mkdirat, openat, statat, unlinkat,
};
use rustix::io::Errno;
use rustix::path::Arg;

use super::error::TreeError;
use crate::digest::Stamp;
use crate::files::lock;
use crate::store::Error;
use crate::store::layout::MARKER;

/// How a directory is opened: never through a symlink.
pub const DIRECTORY: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::RDONLY);

/// The directory that is extracted to, opened once: whatever is put in the way afterwards, nothing leads out of it, for
/// it is entered one name after the other and never through a symlink.
#[derive(Debug)]
pub struct Root {
    directory: File,
    path: PathBuf,
}

impl Root {
    /// Opens a directory that is there, and keeps others from extracting to it meanwhile.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let in_the_way = |what| {
            Error::from(TreeError::InTheWay {
                path: path.into(),
                what,
            })
        };
        // Whoever opens a FIFO waits, but for this.
        let flags = i32::try_from(OFlags::DIRECTORY.bits()).unwrap_or_default();
        let directory = OpenOptions::new().read(true).custom_flags(flags).open(path);
        let directory = directory.map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => in_the_way("is not a directory"),
            // It was made where nothing was.
            io::ErrorKind::NotFound => in_the_way("is a symlink that leads nowhere"),
            _ => Error::writing(error),
        })?;
        if let Err(error) = lock(&directory, FlockOperation::NonBlockingLockExclusive) {
            return Err(match error.kind() {
                io::ErrorKind::WouldBlock => TreeError::Busy { path: path.into() }.into(),
                _ => Error::writing(error),
            });
        }
        let root = Self {
            directory,
            path: path.into(),
        };
        match look(&root.directory, MARKER) {
            Ok(Some(_)) => Err(in_the_way("is an OCI layout")),
            Ok(None) if is_among_blobs(path) => Err(in_the_way("is among the blobs of an OCI layout")),
            Ok(None) => Ok(root),
            Err(error) => Err(root.failed("", error)),
        }
    }

    /// Where messages say that something is.
    pub fn shown(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// The directory itself.
    pub const fn directory(&self) -> &File {
        &self.directory
    }

    /// The directory at `path`, which is empty for the top; `None` where there is none.
    pub fn find(&self, path: &str) -> Result<Option<OwnedFd>, Error> {
        self.walk(path, |_, _, _| Ok(false))
    }

    /// The same, made where it is missing; each that was is noted in `made`.
    pub fn make(&self, path: &str, made: &mut Vec<String>) -> Result<OwnedFd, Error> {
        let found = self.walk(path, |parent, name, path| {
            match mkdirat(parent, name, Mode::from_raw_mode(0o777)) {
                Ok(()) => {
                    made.push(path.to_owned());
                    Ok(true)
                }
                Err(Errno::EXIST) => Ok(true),
                Err(error) => Err(error),
            }
        })?;
        found.ok_or_else(|| self.failed(path, Errno::NOENT))
    }

    /// Goes to a directory; where one on the way is missing, `make` has to make it, or says that it does not.
    fn walk(
        &self,
        path: &str,
        mut make: impl FnMut(&OwnedFd, &str, &str) -> Result<bool, Errno>,
    ) -> Result<Option<OwnedFd>, Error> {
        let here = self.directory.as_fd();
        let mut at = openat(here, ".", DIRECTORY, Mode::empty()).map_err(|error| self.failed("", error))?;
        let mut end = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            end += if end == 0 { name.len() } else { name.len() + 1 };
            let so_far = path.get(..end).unwrap_or(path);
            let mut next = openat(&at, name, DIRECTORY, Mode::empty());
            if next.as_ref().err() == Some(&Errno::NOENT) {
                if !make(&at, name, so_far).map_err(|error| self.failed(so_far, error))? {
                    return Ok(None);
                }
                next = openat(&at, name, DIRECTORY, Mode::empty());
            }
            at = match next {
                Ok(next) => next,
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    let found = look(&at, name).ok().flatten();
                    return Err(self.occupied(so_far, found.as_ref()));
                }
                Err(error) => return Err(self.failed(so_far, error)),
            };
        }
        Ok(Some(at))
    }

    /// Makes sure that files can be given their names in a directory, before the first one gets its.
    pub fn check_writable(&self, directory: &OwnedFd, path: &str) -> Result<(), Error> {
        let access = Access::WRITE_OK | Access::EXEC_OK;
        if let Err(error @ (Errno::ACCESS | Errno::ROFS)) = accessat(directory, ".", access, AtFlags::EACCESS) {
            return Err(self.failed(path, error));
        }
        match (fstat(directory), fstat(&self.directory)) {
            (Ok(one), Ok(top)) if one.st_dev != top.st_dev => Err(self.in_the_way(path, "is on another file system")),
            _ => Ok(()),
        }
    }

    /// What `stat` says of a file's place: `None` where nothing is there.
    ///
    /// # Errors
    /// Something is there that is no file.
    pub fn look_at_file(&self, directory: impl AsFd, path: &str, name: &str) -> Result<Option<Stat>, Error> {
        let found = look(directory, name).map_err(|error| self.failed(path, error))?;
        match found {
            Some(stat) if !FileType::from_raw_mode(stat.st_mode).is_file() => Err(self.occupied(path, Some(&stat))),
            found => Ok(found),
        }
    }

    /// Opens a file that is there, which must be one.
    pub fn open_file(&self, directory: impl AsFd, path: &str, name: &str) -> Result<File, Error> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(directory, name, flags, Mode::empty()).map_err(|error| self.failed(path, error))?;
        let file = wrap(file, &self.shown(path));
        if file.metadata().map_err(Error::writing)?.is_file() {
            Ok(file)
        } else {
            Err(self.occupied(path, None))
        }
    }

    /// Removes directories that were made, the last one first; those that are not empty stay.
    pub fn unmake(&self, made: &[String]) {
        for path in made.iter().rev() {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            if let Ok(Some(parent)) = self.find(parent) {
                let _ = unlinkat(parent, name, AtFlags::REMOVEDIR);
            }
        }
    }

    /// What the operating system said of a path.
    pub fn failed(&self, path: &str, error: Errno) -> Error {
        failed(&self.shown(path), error)
    }

    /// Something has the place of what is to be there.
    pub fn in_the_way(&self, path: &str, what: &'static str) -> Error {
        let path = self.shown(path);
        TreeError::InTheWay { path, what }.into()
    }

    fn occupied(&self, path: &str, found: Option<&Stat>) -> Error {
        let what = match found.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
            Some(FileType::Symlink) => "is a symlink, which is not followed",
            Some(FileType::Directory) => "is a directory, where the artifact has a file",
            Some(FileType::RegularFile) => "is a file, in the place of a directory",
            _ => "is no file",
        };
        self.in_the_way(path, what)
    }
}

/// Whether a directory is where a layout has its blobs, or below: whatever reads the layout would come across it.
fn is_among_blobs(path: &Path) -> bool {
    let is_blobs = |directory: &Path| {
        let layout = directory.parent().filter(|_| directory.ends_with("blobs"));
        layout.is_some_and(|layout| layout.join(MARKER).exists())
    };
    fs_err::canonicalize(path).is_ok_and(|path| path.ancestors().any(is_blobs))
}

/// What `stat` says of a name, not following it; `None` where nothing has it.
pub fn look(directory: impl AsFd, name: impl Arg) -> Result<Option<Stat>, Errno> {
    match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the operating system said of a path.
pub fn failed(path: &Path, error: Errno) -> Error {
    let cause = io::Error::from(error);
    Error::writing(io::Error::new(cause.kind(), format!("`{}`: {cause}", path.display())))
}

/// An open file that messages call by its path.
pub fn wrap(file: OwnedFd, path: &Path) -> File {
    #[allow(clippy::disallowed_types, reason = "wrapped in fs_err's at once")]
    File::from_parts(std::fs::File::from(file), path)
}

/// The stamp in the result of a `stat`.
pub fn stamp(stat: &Stat) -> Stamp {
    let nanoseconds = |seconds: i64, rest: u64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    Stamp {
        device: stat.st_dev,
        inode: stat.st_ino,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        modified: nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
        changed: nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
    }
}
