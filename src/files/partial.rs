use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fs_err as fs;
use fs_err::File;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use rustix::fs::{FlockOperation, OFlags};

use super::lock;

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
    /// process is at it.
    ///
    /// # Errors
    /// No file can be made there.
    pub fn open(directory: &Path, name: &str) -> io::Result<Option<Self>> {
        let path = directory.join(format!("{PREFIX}{name}"));
        let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
        let mut options = fs::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.custom_flags(flags).open(&path)?;
        if !file.metadata()?.is_file() {
            return Ok(None);
        }
        match lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        }
        let held = file.metadata()?.len();
        Ok(Some(Self {
            file: Arc::new(file),
            path,
            held,
        }))
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

    /// Gives it its final name. Returns whether it was this file that got it; a file that has it already stays.
    ///
    /// # Errors
    /// The name cannot be given.
    pub fn publish(self, name: impl AsRef<OsStr>) -> io::Result<bool> {
        let target = self.path.with_file_name(name);
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

/// Removes those in `directory` that nobody has gone on with for a week.
pub fn sweep_partials(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let is_partial = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let is_old = age.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > LIFE);
        if is_partial && is_old {
            drop(fs::remove_file(entry.path()));
        }
    }
}
