use std::collections::{HashMap, HashSet};

use super::Options;
use crate::digest::Digest;
use crate::store::stored::{Content, Flaw, Packed, Sought, Store};
use crate::store::{self, Cancel, Error, Progress};

/// What this run has read of blobs, so that a place that was repaired need not be read twice. No other run's word counts.
#[derive(Debug, Default)]
pub struct Known(HashMap<Key, Result<Content, Flaw>>);

/// What is in a blob depends on how it is said to be packed, which each layer says for itself.
type Key = (Digest, Option<Packed>);

fn key(sought: &Sought) -> Key {
    (sought.digest, sought.packed)
}

impl Known {
    /// Reads the blobs that are not known yet.
    pub fn read<'a>(
        &mut self,
        store: &Store,
        sought: impl Iterator<Item = &'a Sought>,
        options: Options,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let mut listed = HashSet::new();
        let unread = sought.filter(|blob| !self.0.contains_key(&key(blob)) && listed.insert(key(blob)));
        let unread: Vec<_> = unread.cloned().collect();
        if unread.is_empty() {
            return Ok(());
        }
        let engine = store::Options { jobs: options.jobs };
        let found = store.hash(&unread, engine, progress, cancel)?;
        self.0.extend(unread.iter().map(key).zip(found));
        Ok(())
    }

    /// What was read of a blob.
    pub fn blob(&self, sought: &Sought) -> Result<Content, Flaw> {
        self.0.get(&key(sought)).cloned().unwrap_or(Err(Flaw::Missing))
    }

    /// Forgets what was read of a blob, which is another one now.
    pub fn forget(&mut self, digest: &Digest) {
        self.0.retain(|(known, _), _| known != digest);
    }
}
