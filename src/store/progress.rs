use super::Outcome;
use crate::digest::Digest;

/// Something that happened in a transfer.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The transfer begins.
    Begin {
        /// How many blobs.
        blobs: usize,
        /// Bytes that will be read at most.
        bytes: u64,
        /// How many destinations will get them.
        destinations: usize,
    },
    /// A blob need not be read after all: those that would take it have it.
    Spared {
        /// Its size in bytes.
        size: u64,
    },
    /// A blob's first byte is about to be read.
    Started {
        /// The blob's name.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
    },
    /// An earlier transfer has brought so many bytes of a blob: they are not moved.
    Found {
        /// The blob's name.
        name: &'a str,
        /// How many.
        bytes: u64,
    },
    /// More bytes of a blob were read.
    Advanced {
        /// The blob's name.
        name: &'a str,
        /// How many bytes since the last such event.
        bytes: u64,
    },
    /// A blob's last byte was hashed.
    Hashed {
        /// The blob's name.
        name: &'a str,
        /// Its digest.
        digest: &'a Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// A destination has a blob.
    Stored {
        /// The blob's name.
        name: &'a str,
        /// The destination's name.
        destination: &'a str,
        /// Its size in bytes.
        size: u64,
        /// What it had to do.
        outcome: Outcome,
        /// Where it was taken over from, where it was mounted.
        from: Option<&'a str>,
    },
    /// All blobs are there; what was written is now made safe and visible.
    Publishing,
    /// The transfer is over, well or not.
    Ended,
}

/// Somebody who watches a transfer. Called from many threads at once.
pub trait Progress: Sync {
    /// Takes note of `event`. Must be quick.
    fn event(&self, event: Event<'_>);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: Event<'_>) {}
}
