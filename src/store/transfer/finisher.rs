use std::sync::mpsc::Receiver;

use super::shared::{Shared, Taken};
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
        for (destination, slot) in self.slots {
            let outcome = slot.commit(&self.digest)?;
            shared.stored(self.blob, destination, outcome);
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
