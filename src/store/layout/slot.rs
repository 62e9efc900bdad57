use std::io::Write as _;

use fs_err::File;

use super::session::Session;
use crate::digest::Digest;
use crate::files::{IfTaken, Partial, Staged, Unfinished};
use crate::store::{Durability, Error, Outcome, Place, Slot};

/// Blobs from this size on are synced one by one while others are being hashed; smaller ones together, at the end.
const SYNC_ALONE: u64 = 1 << 20;

/// A blob on its way into a layout.
pub struct BlobSlot<'a> {
    session: &'a Session,
    unfinished: Unfinished,
    size: u64,
}

impl<'a> BlobSlot<'a> {
    /// A slot for a blob of `size` bytes; one with a `digest` can be gone on with later where the layout is told so.
    pub fn new(session: &'a Session, size: u64, digest: Option<&Digest>) -> Result<Self, Error> {
        let partial = match digest {
            Some(digest) if session.resumable && size >= SYNC_ALONE => {
                Partial::open(&session.blobs, digest.hex().as_ref())
            }
            _ => None,
        };
        let unfinished = match partial {
            Some(partial) => Unfinished::Partial(partial),
            None => Unfinished::Staged(Staged::of(session.layout(), &session.blobs).map_err(Error::writing)?),
        };
        Ok(Self {
            session,
            unfinished,
            size,
        })
    }
}

impl Slot for BlobSlot<'_> {
    fn place(&self) -> Option<Place> {
        Some(Place {
            file: self.unfinished.file().clone(),
            offset: 0,
            synced: self.session.durability == Durability::Synced,
        })
    }

    fn held(&self) -> u64 {
        // One that is too long is none of ours, and found out by its digest.
        self.unfinished.held().min(self.size)
    }

    fn spoil(&mut self) {
        if let Unfinished::Partial(partial) = &self.unfinished {
            partial.discard();
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut file: &File = self.unfinished.file();
        file.write_all(bytes).map_err(Error::writing)
    }

    fn commit(self: Box<Self>, digest: &Digest) -> Result<Outcome, Error> {
        let Self {
            session,
            unfinished,
            size,
        } = *self;
        if session.holds(digest, size)? {
            return Ok(Outcome::Present);
        }
        // What an earlier transfer left behind the end.
        if unfinished.file().metadata().map_err(Error::writing)?.len() > size {
            unfinished.file().set_len(size).map_err(Error::writing)?;
        }
        let alone = session.durability == Durability::Synced && size >= SYNC_ALONE;
        if alone {
            unfinished.file().sync_all().map_err(Error::writing)?;
        }
        if unfinished
            .publish(digest.hex(), IfTaken::Keep)
            .map_err(Error::writing)?
        {
            session.remember(*digest, alone);
            Ok(Outcome::Written)
        } else {
            // Another build was quicker.
            Ok(Outcome::Present)
        }
    }
}
