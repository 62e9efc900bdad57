//! Directories in; out the moment when something has happened in one of them and it is quiet again.
//!
//! Whole directories are watched and never single files: editors write a new file and rename it over the old one, which a
//! watch on that would miss. What happened is not told. A name in an event says little, an event may have been lost, and
//! whoever waits has to look for itself whether anything is other than before; all that this room promises is that there
//! is no change behind which no wakening follows. Reading wakes nobody.
//!
//! It is the operating system that tells (inotify on Linux), so what changes on another machine, as on NFS, is not seen.

mod error;
mod quiet;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use error::Error;
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use quiet::Quiet;

/// A set of directories, watched.
#[derive(Debug)]
pub struct Watch {
    watcher: RecommendedWatcher,
    quiet: Arc<Quiet>,
    directories: BTreeSet<PathBuf>,
}

/// Why a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awakened {
    /// Something happened.
    Changed,
    /// Somebody wants to stop.
    Stopped,
}

impl Watch {
    /// Nothing is watched yet.
    ///
    /// # Errors
    /// The system has no more watches for this user.
    pub fn new() -> Result<Self, Error> {
        let quiet = Arc::new(Quiet::default());
        let told = Arc::clone(&quiet);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // An error may stand for an event that was lost.
            if event.is_ok_and(|event| !is_change(event.kind)) {
                return;
            }
            told.disturb();
        });
        Ok(Self {
            watcher: watcher.map_err(|error| Error::starting(&error))?,
            quiet,
            directories: BTreeSet::new(),
        })
    }

    /// What ends a wait for good, to be called from any thread.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let quiet = Arc::clone(&self.quiet);
        move || quiet.stop()
    }

    /// Watches these directories and no others; those that are watched already too, for one could have been replaced by
    /// another of the same name. One that is not there is left out. Returns whether there are new ones: then something
    /// could have happened in them that nobody was told of.
    ///
    /// # Errors
    /// A directory cannot be watched.
    pub fn observe(&mut self, directories: &BTreeSet<PathBuf>) -> Result<bool, Error> {
        for gone in self.directories.difference(directories) {
            // It may not be there any more, and then neither is its watch.
            let _ = self.watcher.unwatch(gone);
        }
        // After that: of two names for the same directory, the system lets go of both.
        let mut watched = BTreeSet::new();
        for directory in directories {
            match self.watcher.watch(directory, RecursiveMode::NonRecursive) {
                Ok(()) => drop(watched.insert(directory.clone())),
                Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {}
                Err(error) => {
                    let needed = directories.iter().filter(|directory| directory.is_dir()).count();
                    return Err(Error::watching(directory, needed, &error));
                }
            }
        }
        let are_new = !watched.is_subset(&self.directories);
        self.directories = watched;
        Ok(are_new)
    }

    /// How many directories are watched.
    #[must_use]
    pub fn count(&self) -> usize {
        self.directories.len()
    }

    /// Waits until something has happened and nothing more for a fifth of a second; and, with a `limit`, not longer than
    /// that after the first of it.
    #[must_use]
    pub fn wait(&self, limit: Option<Duration>) -> Awakened {
        self.quiet.wait(limit)
    }
}

/// Whether an event is about what is there, and not about somebody who looks at it.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}
