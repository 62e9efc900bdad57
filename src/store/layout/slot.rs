use std::io::Write as _;

use super::Session;
use crate::digest::Digest;
use crate::files::{IfTaken, Staged};
use crate::store::{Durability, Error, Outcome, Place, Slot};

/// Blobs from this size on are synced one by one while others are being hashed; smaller ones together, at the end.
const SYNC_ALONE: u64 = 1 << 20;

/// A blob on its way into a layout.
pub struct BlobSlot<'a> {
    session: &'a Session,
    staged: Staged,
    size: u64,
}

impl<'a> BlobSlot<'a> {
    pub fn new(session: &'a Session, size: u64) -> Result<Self, Error> {
        let staged = Staged::of(session.layout(), &session.blobs).map_err(Error::writing)?;
        Ok(Self { session, staged, size })
    }
}

impl Slot for BlobSlot<'_> {
    fn place(&self) -> Option<Place> {
        Some(Place {
            file: self.staged.file().clone(),
            offset: 0,
            synced: self.session.durability == Durability::Synced,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut file: &fs_err::File = self.staged.file();
        file.write_all(bytes).map_err(Error::writing)
    }

    fn commit(self: Box<Self>, digest: &Digest) -> Result<Outcome, Error> {
        let Self { session, staged, size } = *self;
        if session.holds(digest, size)? {
            return Ok(Outcome::Present);
        }
        let alone = session.durability == Durability::Synced && size >= SYNC_ALONE;
        if alone {
            staged.sync().map_err(Error::writing)?;
        }
        if staged.publish(digest.hex(), IfTaken::Keep).map_err(Error::writing)? {
            session.remember(*digest, alone);
            Ok(Outcome::Written)
        } else {
            // Another build was quicker.
            Ok(Outcome::Present)
        }
    }
}
