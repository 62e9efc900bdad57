use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use fs_err::File;
use rustix::fs::FlockOperation;

use super::mark::mark;
use super::{Error, locked};
use crate::digest::Digest;
use crate::files::{self, leftovers, resumable};
use crate::store;
use crate::store::layout::{Index, blobs_path};
use crate::store::stored::{OpenError, check_layout};

/// What was removed from a layout, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Blobs that nothing led to, with their sizes in bytes; sorted by digest.
    pub blobs: Vec<(Digest, u64)>,
    /// Files that were never finished, and that nobody will go on with.
    pub unfinished: usize,
    /// How many files that were never finished stay, to be gone on with. What else the transfer has brought that left them
    /// is among the blobs that go: nothing leads to them before its end.
    pub resumable: usize,
    /// How many bytes that is on the disk. A file that has another name elsewhere stays there.
    pub bytes: u64,
    /// How many blobs stay.
    pub kept: usize,
}

/// A file to be removed.
struct Waste {
    path: PathBuf,
    /// What it takes up.
    bytes: u64,
}

/// Removes the blobs of the layout at `path` that its index does not lead to; a dry run only says which. Where a transfer
/// to it or from it runs, which counts on blobs that it has found, `waiting` is told, and it is waited for: whoever calls
/// this holds nothing that was [found](crate::store::stored::Found) there, nor a [`StoredModel`](crate::model::StoredModel)
/// of it, in the same process either: it would wait for itself.
///
/// What an interrupted transfer has left to go on with stays for a week, as far as it is not complete.
///
/// # Errors
/// It is no layout, it cannot be told which blobs are needed or whether somebody works there, or one cannot be removed.
pub fn prune(path: &Path, dry_run: bool, waiting: &dyn Fn()) -> Result<Pruned, Error> {
    check_layout(path)?;
    let blobs = blobs_path(path);
    // In this order: nobody waits for the lock on the blobs who has the other one.
    let Some(_alone) = alone(path, &blobs, waiting)? else {
        return Ok(Pruned::default());
    };
    let _locked = locked(path)?;
    let index = Index::read(path)?;
    index.verify(path)?;
    let marked = mark(path, &index)?;
    let mut pruned = Pruned::default();
    let mut waste = Vec::new();
    for entry in fs_err::read_dir(&blobs).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Some(digest) = entry.file_name().to_str().and_then(Digest::from_hex) else {
            continue;
        };
        let metadata = entry.metadata().map_err(failed)?;
        if marked.contains(&digest) || metadata.is_dir() {
            pruned.kept += 1;
            continue;
        }
        pruned.blobs.push((digest, metadata.len()));
        waste.push(Waste::new(entry.path(), &metadata));
    }
    pruned.blobs.sort_unstable();
    // Both locks are held: whoever wrote them is gone.
    for path in leftovers(&blobs).into_iter().chain(leftovers(path)) {
        if let Ok(metadata) = fs_err::symlink_metadata(&path) {
            pruned.unfinished += 1;
            waste.push(Waste::new(path, &metadata));
        }
    }
    pruned.resumable = resumable(&blobs).len();
    pruned.bytes = waste.iter().map(|waste| waste.bytes).sum();
    if !dry_run {
        for Waste { path, .. } in waste {
            fs_err::remove_file(path).map_err(failed)?;
        }
    }
    Ok(pruned)
}

impl Waste {
    fn new(path: PathBuf, metadata: &std::fs::Metadata) -> Self {
        let bytes = if metadata.nlink() > 1 { 0 } else { metadata.len() };
        Self { path, bytes }
    }
}

fn failed(error: std::io::Error) -> Error {
    store::Error::writing(error).into()
}

/// The directory of blobs when no transfer runs, so that none begins as long as it is open; `None` where there is none.
fn alone(layout: &Path, blobs: &Path, waiting: &dyn Fn()) -> Result<Option<File>, Error> {
    loop {
        let directory = match File::open(blobs) {
            Ok(directory) => directory,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(OpenError::Io(error).into()),
        };
        let has_locks = match files::lock(&directory, FlockOperation::NonBlockingLockExclusive) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                waiting();
                files::lock(&directory, FlockOperation::LockExclusive)
            }
            locked => locked,
        };
        if !has_locks.map_err(failed)? {
            return Err(Error::Unlocked {
                path: layout.to_owned(),
            });
        }
        // A build that failed may have taken the whole layout back meanwhile, and another one made a new one.
        let held = directory.metadata().map_err(failed)?;
        match fs_err::metadata(blobs) {
            Ok(found) if (found.dev(), found.ino()) == (held.dev(), held.ino()) => return Ok(Some(directory)),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
}
