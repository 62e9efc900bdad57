use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fs_err as fs;
use fs_err::File;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use rustix::fs::{FlockOperation, OFlags};
use rustix::process::geteuid;

use super::{IfTaken, lock};

/// What their names begin with; hidden, so that no pattern of a Modelfile matches them.
const PREFIX: &str = ".partial-";

/// How long one is kept that nobody goes on with.
const LIFE: Duration = Duration::from_hours(7 * 24);

/// A file that is not complete, but worth going on with: unlike a [`Staged`](super::Staged) one it has a name, and stays
/// when the process ends. Its bytes are there from the start on, without gaps; who goes on with them checks them.
#[derive(Debug)]
pub struct Partial {
    file: Arc<File>,
    path: PathBuf,
    held: u64,
}

impl Partial {
    /// The file in `directory` that will be `name` one day, begun by an earlier process or now. `None` where another
    /// process is at it, or none can be had that is surely ours.
    #[must_use]
    pub fn open(directory: &Path, name: &OsStr) -> Option<Self> {
        let path = directory.join(prefixed(name));
        Self::at(&path).or_else(|| {
            // What is in the way there is worth nothing; a file that another process is at is not in the way.
            let is_in_use = fs::symlink_metadata(&path).is_ok_and(|found| is_own(&found));
            if is_in_use || fs::remove_file(&path).is_err() {
                return None;
            }
            Self::at(&path)
        })
    }

    fn at(path: &Path) -> Option<Self> {
        let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
        let mut options = fs::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.custom_flags(flags).open(path).ok()?;
        if !is_own(&file.metadata().ok()?) {
            return None;
        }
        lock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
        // Whoever had the lock before may have given the file its final name, or thrown it away.
        let (held, named) = (file.metadata().ok()?, fs::symlink_metadata(path).ok()?);
        if (held.dev(), held.ino()) != (named.dev(), named.ino()) || !is_own(&held) {
            return None;
        }
        Some(Self {
            file: Arc::new(file),
            path: path.to_owned(),
            held: held.len(),
        })
    }

    /// What a file called `name` will be called one day, where it is such a file.
    #[must_use]
    pub fn name_of(name: &str) -> Option<&str> {
        name.strip_prefix(PREFIX)
    }

    /// What it is called until then.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The open file.
    #[must_use]
    pub const fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// How many bytes it had when it was opened.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.held
    }

    /// Its bytes are wrong: the next one begins anew.
    pub fn discard(&self) {
        drop(fs::remove_file(&self.path));
    }

    /// Gives it its final name. Returns whether it was this file that got it.
    ///
    /// # Errors
    /// The name cannot be given.
    pub fn publish(self, name: impl AsRef<Path>, if_taken: IfTaken) -> io::Result<bool> {
        let target = self.path.with_file_name(name.as_ref());
        if if_taken == IfTaken::Replace {
            return fs::rename(&self.path, &target).map(|()| true);
        }
        match fs::hard_link(&self.path, &target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                self.discard();
                return Ok(false);
            }
            // A file system without links.
            Err(_) => {
                fs::rename(&self.path, &target)?;
                return Ok(true);
            }
        }
        self.discard();
        Ok(true)
    }
}

fn prefixed(name: &OsStr) -> OsString {
    let mut prefixed = OsString::from(PREFIX);
    prefixed.push(name);
    prefixed
}

/// Whether a file's name is that of a partial one.
pub fn is_partial(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
}

/// Whether nobody else can change the file, by its owner's right or by another name of it.
fn is_own(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.uid() == geteuid().as_raw() && metadata.nlink() == 1
}

/// Removes those in `directory` that nobody will go on with. Only those whose names begin with `start`: in a directory
/// that is not ours alone, others may have files of such names.
pub fn sweep_partials(directory: &Path, start: &OsStr) {
    for path in stale_partials(directory, start) {
        drop(fs::remove_file(path));
    }
}

/// All those in `directory`.
pub fn partials(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let partial = entries.filter(|entry| is_partial(&entry.file_name()));
    partial.map(|entry| entry.path()).collect()
}

/// Those in `directory` that nobody has gone on with for a week, and those that have their final name too: who gave it
/// was killed before the other one was taken away. Only those whose names begin with `start`.
pub fn stale_partials(directory: &Path, start: &OsStr) -> Vec<PathBuf> {
    let start = prefixed(start);
    let is_stale = |entry: &fs::DirEntry| {
        let Ok(metadata) = entry.metadata() else { return false };
        let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
        let is_done = metadata.is_file() && metadata.nlink() > 1;
        let is_partial = entry.file_name().as_bytes().starts_with(start.as_bytes());
        is_partial && (is_done || age.is_some_and(|age| age > LIFE))
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter(is_stale).map(|entry| entry.path()).collect()
}
