use std::io::Error as IoError;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

use super::stream::Stream;
use super::unpack::{Unpacked, unpack};
use crate::digest::Digest;
use crate::store::tree::session::Session;
use crate::store::tree::wanted::WantedBlob;
use crate::store::{Error, Outcome, Slot};

/// Smaller blobs wait in memory until they are verified: a thread for each of 10,000 would cost more than they do.
const WHOLE: u64 = 1 << 20;

/// A packed layer on its way into a directory.
pub struct PackedSlot {
    session: Arc<Session>,
    /// Of [`crate::store::tree::wanted::Wanted::blobs`].
    index: usize,
    bytes: Bytes,
}

enum Bytes {
    /// All of them so far.
    Whole(Vec<u8>),
    /// To a thread that unpacks them; taken where it ends.
    Piped(Option<Unpacker>),
}

struct Unpacker {
    pieces: SyncSender<Vec<u8>>,
    thread: JoinHandle<Result<Unpacked, Error>>,
}

impl PackedSlot {
    pub fn new(session: Arc<Session>, index: usize, blob: &WantedBlob) -> Result<Self, Error> {
        let bytes = if blob.size <= WHOLE {
            Bytes::Whole(Vec::new())
        } else {
            let (pieces, stream) = Stream::new();
            let session = session.clone();
            let work = move || match session.wanted.blobs.get(index) {
                Some(blob) => unpack(&session, index, blob, stream),
                None => Ok(Unpacked::default()),
            };
            let thread = std::thread::Builder::new().name("unpack".to_owned()).spawn(work);
            let thread = thread.map_err(|cause| Error::Threads { cause })?;
            Bytes::Piped(Some(Unpacker { pieces, thread }))
        };
        Ok(Self { session, index, bytes })
    }
}

impl Unpacker {
    /// What has come of the bytes: there are no more.
    fn end(self) -> Result<Unpacked, Error> {
        drop(self.pieces);
        let ended = self.thread.join();
        ended.unwrap_or_else(|_| Err(Error::writing(IoError::other("the unpacking thread went away"))))
    }
}

impl Slot for PackedSlot {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.bytes {
            Bytes::Whole(whole) => whole.extend_from_slice(bytes),
            Bytes::Piped(unpacker) => {
                let is_taken = unpacker
                    .as_ref()
                    .is_some_and(|unpacker| unpacker.pieces.send(bytes.to_vec()).is_ok());
                if !is_taken {
                    // It ends before the bytes do only where it failed.
                    unpacker
                        .take()
                        .map_or_else(|| Err(no_more()), |unpacker| unpacker.end().map(drop))?;
                    return Err(no_more());
                }
            }
        }
        Ok(())
    }

    fn commit(mut self: Box<Self>, _: &Digest) -> Result<Outcome, Error> {
        let unpacked = match &mut self.bytes {
            Bytes::Whole(whole) => {
                let blob = self.session.wanted.blobs.get(self.index);
                let blob = blob.ok_or_else(no_more)?;
                unpack(&self.session, self.index, blob, whole.as_slice())?
            }
            Bytes::Piped(unpacker) => unpacker.take().ok_or_else(no_more)?.end()?,
        };
        self.session.unpacked(unpacked);
        Ok(Outcome::Written)
    }
}

impl Drop for PackedSlot {
    fn drop(&mut self) {
        // Nothing is written any more when what was staged is taken back.
        if let Bytes::Piped(unpacker) = &mut self.bytes
            && let Some(unpacker) = unpacker.take()
        {
            drop(unpacker.end());
        }
    }
}

fn no_more() -> Error {
    Error::writing(IoError::other("the layer was unpacked before its end"))
}
