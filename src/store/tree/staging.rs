use std::ffi::{CStr, CString};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::File;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fchmod, linkat, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::fresh::{is_room, room_of};
use super::root::{DIRECTORY, Root, failed, look, wrap};
use crate::digest::Digest;
use crate::files::Partial;
use crate::store::Error;

/// The directory's name in the one that is extracted to; as it is folded, so that no artifact can have a file in it.
pub const NAME: &str = ".modelbuild-extract";

/// A directory of files that are not complete, or not shown yet, in the one that is extracted to: on its file system, so
/// that each can get its final place by a rename. What a process leaves in it that was killed, the next one removes.
#[derive(Debug)]
pub struct Staging {
    directory: OwnedFd,
    path: PathBuf,
}

impl Staging {
    /// Makes it, or opens the one that is there.
    pub fn make(root: &Root) -> Result<Self, Error> {
        match mkdirat(root.directory().as_fd(), NAME, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(root.failed(NAME, error)),
        }
        Self::find(root)?.ok_or_else(|| root.failed(NAME, Errno::NOENT))
    }

    /// Removes what an earlier process has left, but for the files that `keep` says can be gone on with.
    pub fn sweep(root: &Root, keep: impl Fn(&Digest) -> bool) -> Result<(), Error> {
        let Some(found) = Self::find(root)? else { return Ok(()) };
        let left = found.clear(keep).map_err(|error| root.failed(NAME, error))?;
        if let Some(directory) = left.first() {
            return Err(root.in_the_way(
                &format!("{NAME}/{}", directory.to_string_lossy()),
                "is a directory, where unfinished files are kept",
            ));
        }
        Self::remove_from(root);
        Ok(())
    }

    fn find(root: &Root) -> Result<Option<Self>, Error> {
        let Some(directory) = root.find(NAME)? else {
            return Ok(None);
        };
        let stat = rustix::fs::fstat(&directory).map_err(|error| root.failed(NAME, error))?;
        if stat.st_uid != geteuid().as_raw() {
            return Err(root.failed(NAME, Errno::PERM));
        }
        if stat.st_mode & 0o077 != 0 {
            fchmod(&directory, Mode::RWXU).map_err(|error| root.failed(NAME, error))?;
        }
        let path = root.shown(NAME);
        Ok(Some(Self { directory, path }))
    }

    /// A new file of that mode, which messages call `shown`; the room that it is in is made if need be, as a directory is
    /// that others may see.
    pub fn create(&self, name: &str, mode: Mode, shown: &Path) -> Result<File, Error> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::CLOEXEC;
        let open = || openat(&self.directory, name, flags, mode);
        let opened = match (open(), room_of(name)) {
            (Err(Errno::NOENT), Some(room)) => match mkdirat(&self.directory, room, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => open(),
                Err(error) => Err(error),
            },
            (opened, _) => opened,
        };
        let file = opened.map_err(|error| failed(shown, error))?;
        Ok(wrap(file, shown))
    }

    /// A file that an earlier process may have begun, or begins now; `None` where it cannot be had.
    pub fn partial(&self, digest: &Digest) -> Option<Partial> {
        // Whatever is put in the place of the directory, this is the one that was opened.
        let held = PathBuf::from(format!("/proc/self/fd/{}", self.directory.as_raw_fd()));
        let directory = if held.exists() { held } else { self.path.clone() };
        Partial::open(&directory, digest.hex().as_ref())
    }

    /// A file in it, to be read.
    pub fn open(&self, name: &str) -> Result<File, Error> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.directory, name, flags, Mode::empty());
        let path = self.path.join(name);
        file.map(|file| wrap(file, &path)).map_err(|error| failed(&path, error))
    }

    /// Gives a file of another place a name here, too.
    pub fn link(&self, from: &Path, name: &str) -> Result<(), Error> {
        linkat(rustix::fs::CWD, from, &self.directory, name, AtFlags::empty())
            .map_err(|error| Error::Link { cause: error.into() })
    }

    /// Gives a file, or a room, its final place.
    pub fn publish(&self, name: &str, directory: &OwnedFd, final_name: &str) -> Result<(), Errno> {
        renameat(&self.directory, name, directory, final_name)
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) {
        let _ = unlinkat(&self.directory, name, AtFlags::empty());
    }

    /// Waits until the names in it are on the device.
    pub fn sync(&self) -> Result<(), Error> {
        rustix::fs::fsync(&self.directory).map_err(|error| failed(&self.path, error))
    }

    /// Waits until the names in a room are on the device.
    pub fn sync_room(&self, room: &str) -> Result<(), Error> {
        let path = self.path.join(room);
        let opened = openat(&self.directory, room, DIRECTORY, Mode::empty());
        opened.and_then(rustix::fs::fsync).map_err(|error| failed(&path, error))
    }

    /// Removes all files but those of the digests that `keep` wants. Returns the names of directories that are none of
    /// ours.
    pub fn clear(&self, keep: impl Fn(&Digest) -> bool) -> Result<Vec<CString>, Errno> {
        let (names, directories) = list(&self.directory)?;
        for name in names.iter().filter(|name| !is_kept(name, &keep)) {
            remove(&self.directory, name, AtFlags::empty())?;
        }
        let (rooms, mut others): (Vec<_>, Vec<_>) = directories.into_iter().partition(|name| is_room(name.to_bytes()));
        for room in rooms {
            let opened = openat(&self.directory, &room, DIRECTORY, Mode::empty())?;
            for name in list(&opened)?.0 {
                remove(&opened, &name, AtFlags::empty())?;
            }
            match remove(&self.directory, &room, AtFlags::REMOVEDIR) {
                // We make no directory in one.
                Err(Errno::NOTEMPTY) => others.push(room),
                removed => removed?,
            }
        }
        Ok(others)
    }

    /// Removes the directory, unless something is in it.
    pub fn remove_from(root: &Root) {
        let _ = unlinkat(root.directory().as_fd(), NAME, AtFlags::REMOVEDIR);
    }
}

/// The same open file, which messages call `shown`.
pub fn called(file: &Arc<File>, shown: &Path) -> Result<Arc<File>, Error> {
    let again = file.as_fd().try_clone_to_owned().map_err(Error::writing)?;
    Ok(Arc::new(wrap(again, shown)))
}

/// Whether a file is one that can be gone on with, of a digest that `keep` wants.
fn is_kept(name: &CStr, keep: impl Fn(&Digest) -> bool) -> bool {
    let name = name.to_str().unwrap_or_default();
    let digest = Partial::name_of(name).and_then(Digest::from_hex);
    digest.is_some_and(|digest| keep(&digest))
}

/// The names in a directory: first those of all that is none, then those of directories.
fn list(directory: &OwnedFd) -> Result<(Vec<CString>, Vec<CString>), Errno> {
    let (mut names, mut directories) = (Vec::new(), Vec::new());
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let kind = match entry.file_type() {
            // Some file systems do not tell.
            FileType::Unknown => {
                look(directory, name)?.map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode))
            }
            kind => kind,
        };
        if kind != FileType::Directory {
            names.push(name.to_owned());
        } else if !matches!(name.to_bytes(), b"." | b"..") {
            directories.push(name.to_owned());
        }
    }
    Ok((names, directories))
}

/// Removes a name, if it is there.
fn remove(directory: &OwnedFd, name: &CStr, flags: AtFlags) -> Result<(), Errno> {
    match unlinkat(directory, name, flags) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error),
    }
}
