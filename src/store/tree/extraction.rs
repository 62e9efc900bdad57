use std::sync::{Arc, Mutex};

use super::session::lock;
use crate::digest::Digest;
use crate::store::Outcome;

/// A file of an artifact that is in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// Its path in the directory.
    pub path: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it was written or linked, or was there already.
    pub outcome: Outcome,
    /// Whether another file was in its place, with other content, mode or time: that one is gone.
    pub replaced: bool,
}

/// What was extracted: filled when all of it is in its place, sorted by path.
#[derive(Debug, Clone, Default)]
pub struct Extraction(Arc<Mutex<Vec<Extracted>>>);

impl Extraction {
    /// The files; none before the transfer is over.
    #[must_use]
    pub fn files(&self) -> Vec<Extracted> {
        lock(&self.0).clone()
    }

    pub(super) fn fill(&self, mut files: Vec<Extracted>) {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        *lock(&self.0) = files;
    }
}
