use std::sync::mpsc::Receiver;

use super::shared::Shared;
use super::slots::Taken;
use crate::digest::Digest;
use crate::store::{Blob, Error};

/// A blob whose bytes are in its slots.
pub struct Complete<'a> {
    pub blob: &'a Blob,
    pub digest: Digest,
    pub slots: Vec<Taken<'a>>,
}

impl Complete<'_> {
    /// Makes the blob visible at every destination that took it.
    pub fn commit(self, shared: &Shared<'_>) -> Result<(), Error> {
        self.commit_but(&mut Vec::new(), shared)
    }

    /// The same; where one destination does not take it, `missing` has that one and those behind it then.
    pub fn commit_but(self, missing: &mut Vec<usize>, shared: &Shared<'_>) -> Result<(), Error> {
        let mut slots = self.slots.into_iter();
        while let Some((destination, slot)) = slots.next() {
            match slot.commit(&self.digest) {
                Ok(outcome) => shared.stored(self.blob, destination, outcome),
                Err(error) => {
                    missing.push(destination);
                    missing.extend(slots.map(|(to, _)| to));
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// Commits large blobs one after the other: waiting for the disk happens here, while the workers hash.
pub fn run<'a>(complete: &Receiver<Complete<'a>>, shared: &Shared<'a>) {
    while let Ok(next) = complete.recv() {
        if shared.is_stopped() {
            continue;
        }
        if let Err(error) = next.commit(shared) {
            shared.fail(error);
        }
    }
}
