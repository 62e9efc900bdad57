//! What is noted of uploads that were not finished, and what of it can go.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fs_err as fs;
use rustix::fs::FlockOperation;

use super::kept::{Note, Uploads};

/// Uploads that were not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unfinished {
    /// How many.
    pub uploads: usize,
    /// Size of the notes, in bytes.
    pub bytes: u64,
}

impl Uploads {
    /// How many there are.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn survey(&self) -> io::Result<Unfinished> {
        let mut locations = HashSet::new();
        let mut bytes = 0;
        for path in self.files()? {
            bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
            locations.extend(location(&path));
        }
        Ok(Unfinished {
            uploads: locations.len(),
            bytes,
        })
    }

    /// Forgets those that nobody went on with for `age`, but none that somebody is at. Returns how many they were.
    ///
    /// # Errors
    /// The directory cannot be read, or a note cannot be removed.
    pub fn forget(&self, age: Duration) -> io::Result<usize> {
        self.forget_where(|note| !is_young(note, age) && !is_young(&note.with_extension("lock"), age))
    }

    /// Forgets the notes that are meant, but none that somebody is at. Returns of how many uploads they were.
    pub(super) fn forget_where(&self, is_meant: impl Fn(&Path) -> bool) -> io::Result<usize> {
        let mut locations = HashSet::new();
        let notes: BTreeSet<_> = self.files()?.into_iter().map(note_of).collect();
        for note in notes {
            let lock = note.with_extension("lock");
            if !is_meant(&note) {
                continue;
            }
            // Whoever is at it holds the lock as long as that takes. It is ours until both are gone: who opened the file
            // before sees then that it has lost its name.
            let held = fs::File::open(&lock).ok();
            let is_free = |held: &fs::File| crate::files::lock(held, FlockOperation::NonBlockingLockExclusive).is_ok();
            if !held.as_ref().is_none_or(is_free) {
                continue;
            }
            locations.extend(location(&note));
            remove(&note)?;
            remove(&lock)?;
        }
        Ok(locations.len())
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        match fs::read_dir(self.directory()) {
            Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// The note that a file is, or is the lock of.
fn note_of(path: PathBuf) -> PathBuf {
    match path.extension() {
        Some(extension) if extension == "lock" => path.with_extension(""),
        _ => path,
    }
}

fn is_young(path: &Path, age: Duration) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|time| SystemTime::now().duration_since(time).unwrap_or_default() < age)
}

/// The upload that a file is about: one that is found by several names has a note under each.
pub fn location(path: &Path) -> Option<String> {
    let note: Note = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    Some(note.location)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
