use std::io::Error as IoError;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

use super::stream::Stream;
use super::unpack::{Unpacked, failed, unpack};
use crate::digest::Digest;
use crate::store::tree::error::TreeError;
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
    /// To a thread that unpacks them.
    Piped(Unpacker),
    /// Nowhere: they cannot be unpacked. Whether the layer is to blame is not known before all of them were here.
    Swallowed(Error),
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
            Bytes::Piped(Unpacker { pieces, thread })
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

impl PackedSlot {
    fn take(&mut self) -> Bytes {
        std::mem::replace(&mut self.bytes, Bytes::Whole(Vec::new()))
    }
}

impl Slot for PackedSlot {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.bytes {
            Bytes::Whole(whole) => whole.extend_from_slice(bytes),
            Bytes::Swallowed(_) => {}
            Bytes::Piped(unpacker) if unpacker.pieces.send(bytes.to_vec()).is_ok() => {}
            // It ends before the bytes do only where it failed.
            Bytes::Piped(_) => {
                let Bytes::Piped(unpacker) = self.take() else {
                    return Err(no_more());
                };
                match unpacker.end() {
                    Err(error @ Error::Tree(TreeError::Layer { .. })) => self.bytes = Bytes::Swallowed(error),
                    ended => return Err(ended.err().unwrap_or_else(no_more)),
                }
            }
        }
        Ok(())
    }

    fn commit(mut self: Box<Self>, _: &Digest) -> Result<Outcome, Error> {
        let blob = self.session.clone();
        let blob = blob.wanted.blobs.get(self.index).ok_or_else(no_more)?;
        let unpacked = match self.take() {
            Bytes::Whole(whole) => unpack(&self.session, self.index, blob, whole.as_slice())?,
            Bytes::Piped(unpacker) => unpacker.end()?,
            Bytes::Swallowed(error) => return Err(error),
        };
        let claimed = self.session.unpacked(blob, unpacked);
        claimed.map_err(|fault| failed(blob, fault))?;
        Ok(Outcome::Written)
    }
}

impl Drop for PackedSlot {
    fn drop(&mut self) {
        // Nothing is written any more when what was staged is taken back.
        if let Bytes::Piped(unpacker) = self.take()
            && let Ok(unpacked) = unpacker.end()
        {
            self.session.discard(&unpacked);
        }
    }
}

fn no_more() -> Error {
    Error::writing(IoError::other("the layer was unpacked before its end"))
}
