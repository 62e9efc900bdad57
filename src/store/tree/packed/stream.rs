use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How many pieces may wait to be unpacked; each is as large as a lane reads at a time.
const AHEAD: usize = 4;

/// The bytes that a [`Sender`](SyncSender) sends, one piece after the other.
pub struct Stream {
    pieces: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    read: usize,
}

impl Stream {
    /// A stream, and where its bytes go in; it ends where that is dropped.
    pub fn new() -> (SyncSender<Vec<u8>>, Self) {
        let (sender, pieces) = sync_channel(AHEAD);
        let stream = Self {
            pieces,
            piece: Vec::new(),
            read: 0,
        };
        (sender, stream)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.len() {
            match self.pieces.recv() {
                Ok(piece) => (self.piece, self.read) = (piece, 0),
                Err(_) => return Ok(0),
            }
        }
        let read = self.piece.get(self.read..).unwrap_or_default().read(buffer)?;
        self.read += read;
        Ok(read)
    }
}
