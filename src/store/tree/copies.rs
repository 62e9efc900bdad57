use std::collections::HashMap;

use super::error::Fault;
use super::packed::{FREE, RATIO, TOTAL};
use crate::digest::Digest;

/// The files that an artifact has of the same blobs: one of few bytes that is listed ten thousand times is as large on a
/// disk as what a bomb unpacks to, and is limited as that is.
#[derive(Debug, Default)]
pub struct Copies {
    /// How many bytes somebody wants, however few they are of.
    stated: Option<u64>,
    /// How many files each blob is.
    files: HashMap<Digest, u64>,
    /// Bytes of all but the first of them.
    bytes: u64,
    /// Bytes of those beyond [`RATIO`].
    beyond: u64,
}

impl Copies {
    /// As many as `stated`, else as can be expected of models.
    #[must_use]
    pub fn new(stated: Option<u64>) -> Self {
        Self {
            stated,
            ..Self::default()
        }
    }

    /// Takes one more file of a blob.
    ///
    /// # Errors
    /// With it they are too many, which those before were not.
    pub fn file(&mut self, blob: Digest, size: u64) -> Result<(), Fault> {
        let files = self.files.entry(blob).or_default();
        *files += 1;
        if *files == 1 {
            return Ok(());
        }
        let most = self.stated.unwrap_or(TOTAL);
        if grows_beyond(&mut self.bytes, size, most) {
            return Err(Fault::Total { most });
        }
        let is_beyond = *files > RATIO && self.stated.is_none();
        if is_beyond && grows_beyond(&mut self.beyond, size, FREE) {
            return Err(Fault::Copies);
        }
        Ok(())
    }
}

/// Adds to a sum. Gives whether it is more than `most` now, and was not.
const fn grows_beyond(sum: &mut u64, more: u64, most: u64) -> bool {
    let before = *sum;
    *sum = before.saturating_add(more);
    before <= most && *sum > most
}
