use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

use super::inside::{Inside, Packer};
use super::limit::Budget;
use super::stream::Stream;
use crate::plan::LayerEncoding;
use crate::store::Error;
use crate::store::tree::error::Fault;

/// A thread that unpacks a layer while it is read for another reason, to see what is in it.
pub struct Inspector {
    /// Gone where it wants no more.
    pieces: Option<SyncSender<Vec<u8>>>,
    thread: JoinHandle<Result<Inside, Fault>>,
}

impl Inspector {
    /// One for a blob of which no byte was read yet. For the rest, as [`Inside::read`].
    ///
    /// # Errors
    /// The thread cannot be had.
    pub fn new(encoding: LayerEncoding, of: Packer, budget: Arc<Budget>) -> Result<Self, Error> {
        let (pieces, stream) = Stream::new();
        let work = move || Inside::read(stream, encoding, of, &budget);
        let thread = std::thread::Builder::new().name("unpack".to_owned()).spawn(work);
        Ok(Self {
            pieces: Some(pieces),
            thread: thread.map_err(|cause| Error::Threads { cause })?,
        })
    }

    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let is_wanted = |pieces: &SyncSender<Vec<u8>>| pieces.send(bytes.to_vec()).is_ok();
        // It ends before the bytes do where they are wrong.
        if !self.pieces.as_ref().is_some_and(is_wanted) {
            self.pieces = None;
        }
    }

    /// What was in it: there are no more bytes.
    pub fn end(self) -> Result<Inside, Fault> {
        drop(self.pieces);
        let ended = self.thread.join();
        ended.unwrap_or_else(|_| Err(Fault::Broken("the unpacking thread went away".to_owned())))
    }
}
