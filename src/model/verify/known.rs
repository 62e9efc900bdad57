use std::collections::HashMap;

use super::Options;
use crate::digest::Digest;
use crate::store::stored::{Content, Flaw, Sought, Store};
use crate::store::{self, Cancel, Error, Progress};

/// What this run has read of blobs, so that a place that was repaired need not be read twice. No other run's word counts.
#[derive(Debug, Default)]
pub struct Known(HashMap<Digest, Result<Content, Flaw>>);

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
        let (mut unread, mut listed): (Vec<Sought>, HashMap<_, usize>) = (Vec::new(), HashMap::new());
        for blob in sought.filter(|blob| !self.0.contains_key(&blob.digest)) {
            let index = *listed.entry(blob.digest).or_insert(unread.len());
            match unread.get_mut(index) {
                // Any layer that has it may want to know what is in it.
                Some(earlier) => earlier.packed = earlier.packed.or(blob.packed),
                None => unread.push(blob.clone()),
            }
        }
        if unread.is_empty() {
            return Ok(());
        }
        let engine = store::Options { jobs: options.jobs };
        let found = store.hash(&unread, engine, progress, cancel)?;
        self.0.extend(unread.into_iter().map(|blob| blob.digest).zip(found));
        Ok(())
    }

    /// What was read of a blob.
    pub fn blob(&self, digest: &Digest) -> Result<Content, Flaw> {
        self.0.get(digest).cloned().unwrap_or(Err(Flaw::Missing))
    }

    /// Forgets what was read of a blob, which is another one now.
    pub fn forget(&mut self, digest: &Digest) {
        self.0.remove(digest);
    }
}
