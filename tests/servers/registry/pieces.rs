//! How many bytes of each blob came in, over all attempts, those that broke too.
//!
//! What a broken upload was to become nobody says. So the hash of what each request brought is kept, with the place in
//! the blob where it went, and compared with the blobs once they are there.

use std::io::Read as _;
use std::path::Path;
use std::sync::Mutex;

use fs_err::OpenOptions;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write as _};

use super::storage::{digest_of_part, text};
use crate::servers::http::Body;

/// What one request brought.
struct Piece {
    offset: u64,
    length: u64,
    hash: String,
}

#[derive(Default)]
pub struct Pieces(Mutex<Vec<Piece>>);

impl Pieces {
    /// Appends a body to a file, at most `limit` bytes of it; returns how many. What came before a body broke is in the
    /// file and counted.
    pub fn append(&self, body: &mut Body<'_>, file: &Path, limit: u64) -> io::Result<u64> {
        let mut target = OpenOptions::new().append(true).open(file)?;
        let offset = target.metadata()?.len();
        let (mut length, mut hash) = (0, Sha256::new());
        let mut piece = vec![0; 64 << 10];
        let outcome = loop {
            match body.read(&mut piece) {
                Ok(0) => break Ok(length),
                Ok(_) if length >= limit => break Ok(limit + 1),
                Ok(count) => {
                    target.write_all(&piece[..count])?;
                    hash.update(&piece[..count]);
                    length += count as u64;
                }
                Err(error) => break Err(error),
            }
        };
        if length > 0 {
            let hash = text(hash);
            self.0.lock().unwrap().push(Piece { offset, length, hash });
        }
        outcome
    }

    /// Bytes that came for the blob in `file`, and in how many requests.
    pub fn received(&self, file: &Path) -> (u64, usize) {
        let pieces = self.0.lock().unwrap();
        let of_it: Vec<_> = pieces
            .iter()
            .filter(|piece| digest_of_part(file, piece.offset, piece.length).unwrap() == piece.hash)
            .map(|piece| piece.length)
            .collect();
        (of_it.iter().sum(), of_it.len())
    }

    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}
