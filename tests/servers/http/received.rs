//! What has come of a body: how many bytes, and enough of them to tell later what they are a part of.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are kept of each piece. A body is not kept, for it may be gigabytes, nor hashed, which would make the sink
/// slower than what it is to measure.
const SAMPLE: usize = 32;

#[derive(Debug, Default)]
pub struct Received {
    count: AtomicU64,
    /// The beginning of each piece, and its place in the body.
    samples: Mutex<Vec<(usize, Vec<u8>)>>,
}

impl Received {
    /// Takes note of the next piece.
    pub fn add(&self, piece: &[u8]) {
        let at = self.count.fetch_add(piece.len() as u64, Ordering::Relaxed);
        let sample = piece.get(..SAMPLE).unwrap_or(piece).to_owned();
        let mut samples = self.samples.lock().unwrap();
        samples.push((usize::try_from(at).unwrap(), sample));
    }

    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether it is a part of `content`: the one from `start` on, where that is known.
    pub fn is_part_of(&self, content: &[u8], start: Option<usize>) -> bool {
        let samples = self.samples.lock().unwrap();
        let agrees = |start: usize| {
            let rest = content.get(start..).unwrap_or_default();
            samples
                .iter()
                .all(|(at, sample)| rest.get(*at..).is_some_and(|rest| rest.starts_with(sample)))
        };
        !samples.is_empty() && start.map_or_else(|| (0..content.len()).any(agrees), agrees)
    }
}
