//! How much of a blob goes in one chunk of an upload.
//!
//! Each chunk costs a registry the same work again: docker-registry waits for its disk in every one, and hashes nothing
//! meanwhile. And a chunk that breaks is sent again as a whole by most. What a break may cost is counted in time: where
//! a link takes the usual chunk in a moment, the next one is what it takes in [`WORTH`]. Larger ones are an attempt:
//! where one fails, be it for a proxy that limits requests, the registry gets the usual ones from then on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Bytes in a chunk. 4 MiB chunks cost docker-registry 40 %; and proxies that limit requests start at 100 MB.
const USUAL: u64 = 64 << 20;

/// The most bytes in a chunk: what 32 bits count, for whoever on the way counts so.
const MOST: u64 = (4 << 30) - USUAL;

/// How long a chunk may take to send: what is lost with it.
const WORTH: Duration = Duration::from_secs(15);

/// The sizes of chunks for one registry.
#[derive(Debug)]
pub struct Chunks {
    usual: u64,
    may_grow: AtomicBool,
}

impl Chunks {
    /// Chunks of `set` bytes and no others, or those that the link takes well.
    pub fn new(set: Option<u64>) -> Self {
        Self {
            usual: set.unwrap_or(USUAL),
            may_grow: AtomicBool::new(set.is_none()),
        }
    }

    /// Bytes in the first chunk. What is no larger than that is not worth a session.
    pub const fn usual(&self) -> u64 {
        self.usual
    }

    /// Bytes in the next chunk, after one of `bytes` that took `took`.
    pub fn after(&self, bytes: u64, took: Duration) -> u64 {
        if !self.may_grow.load(Ordering::Relaxed) {
            return self.usual;
        }
        let taken = u128::from(bytes) * WORTH.as_millis() / took.as_millis().max(1);
        u64::try_from(taken).unwrap_or(MOST).clamp(self.usual, MOST)
    }

    /// As many of `bytes` as may be in a chunk by now: another one may have failed since they were counted.
    pub fn allowed(&self, bytes: u64) -> u64 {
        if self.may_grow.load(Ordering::Relaxed) {
            bytes
        } else {
            bytes.min(self.usual)
        }
    }

    /// Whether so many bytes are more than are in a usual chunk.
    pub const fn is_grown(&self, bytes: u64) -> bool {
        bytes > self.usual
    }

    /// Takes note that one of the larger chunks has failed.
    pub fn stop_growing(&self) {
        self.may_grow.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_what_the_link_takes_in_some_seconds() {
        let chunks = Chunks::new(None);
        assert_eq!(chunks.usual(), 64 << 20);
        for (bytes, millis, next) in [
            (64 << 20, 20_000, 64 << 20),
            (64 << 20, 1000, 960 << 20),
            (256 << 20, 3000, 1280 << 20),
            (64 << 20, 1, 4032 << 20),
            (64 << 20, 0, 4032 << 20),
            (u64::MAX, 0, 4032 << 20),
            (1 << 30, 225_000, 71_582_788),
        ] {
            assert_eq!(chunks.after(bytes, Duration::from_millis(millis)), next);
        }
    }

    #[test]
    fn a_large_chunk_that_fails_is_the_last_one() {
        let chunks = Chunks::new(None);
        assert_eq!(chunks.allowed(1 << 30), 1 << 30);
        assert!(chunks.is_grown((64 << 20) + 1) && !chunks.is_grown(64 << 20));
        chunks.stop_growing();
        assert_eq!(chunks.after(64 << 20, Duration::ZERO), 64 << 20);
        assert_eq!((chunks.allowed(1 << 30), chunks.allowed(1)), (64 << 20, 1));
    }

    #[test]
    fn a_size_that_was_asked_for_stays() {
        let chunks = Chunks::new(Some(1 << 20));
        assert_eq!(chunks.after(1 << 20, Duration::ZERO), 1 << 20);
    }
}
