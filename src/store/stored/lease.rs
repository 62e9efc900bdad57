use std::path::Path;
use std::sync::Arc;

use fs_err::File;
use rustix::fs::FlockOperation;

use crate::store::layout::{blobs_path, lock_at};

/// What keeps the blobs of a layout where they are until it is dropped, with all of its clones: the lock that whoever adds
/// some has, too. A layout that nobody can lock, as in a file system without locks, is read all the same.
#[derive(Debug, Clone, Default)]
pub struct Lease {
    _lock: Option<Arc<File>>,
}

impl Lease {
    /// Of the layout at `layout`; waits as long as blobs are being removed there. Whatever leads to a blob is to be read
    /// afterwards.
    pub(super) fn of(layout: &Path) -> Self {
        /// Each attempt after the first means that another layout has its place.
        const ATTEMPTS: usize = 100;
        let blobs = blobs_path(layout);
        for _ in 0..ATTEMPTS {
            match lock_at(&blobs, FlockOperation::LockShared) {
                Ok(Some(lock)) => {
                    return Self {
                        _lock: Some(Arc::new(lock)),
                    };
                }
                Ok(None) if blobs.is_dir() => {}
                Ok(None) | Err(_) => break,
            }
        }
        Self::default()
    }
}
