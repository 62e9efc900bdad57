use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::digest::{Digest, Hasher};
use crate::store::tree::claims::weight;
use crate::store::tree::error::Fault;

/// How many times its size a compressed layer may unpack to, but for [`FREE`], unless somebody states how much he wants.
/// Weights come to twice theirs at most, text to ten times; a bomb has a thousand (gzip) to thirty thousand (zstd).
pub const RATIO: u64 = 100;

/// What all layers together may unpack to beyond that: small ones of few bytes that are all alike are no bombs.
pub const FREE: u64 = 64 << 20;

/// What all compressed layers of an artifact may unpack to, unless somebody states it.
pub const TOTAL: u64 = 1 << 40;

/// How much may be unpacked, of all layers together.
#[derive(Debug)]
pub struct Budget {
    stated: Option<u64>,
    unpacked: AtomicU64,
    /// What each layer unpacked to beyond [`RATIO`] times what it took, at the worst: that depends on no order of them.
    beyond: AtomicU64,
    /// Whether each layer may go beyond that by as much as all of them.
    is_of_many: bool,
    /// How many files and directories there may be.
    most: usize,
    entries: AtomicUsize,
}

/// What a layer has had of a budget.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Bytes of what was compressed.
    bytes: u64,
    /// How many of them were beyond the ratio.
    beyond: u64,
    /// Files and directories.
    entries: usize,
}

impl Budget {
    /// As much as `stated`, however small it is packed; else what is to be expected of models. In all of it `most` files
    /// and directories.
    pub const fn new(stated: Option<u64>, most: usize) -> Self {
        Self {
            stated,
            unpacked: AtomicU64::new(0),
            beyond: AtomicU64::new(0),
            is_of_many: false,
            most,
            entries: AtomicUsize::new(0),
        }
    }

    /// For layers of any number of artifacts: what is beyond the ratio is to be added up for each.
    pub const fn of_many(most: usize) -> Self {
        Self {
            is_of_many: true,
            ..Self::new(None, most)
        }
    }

    /// What a layer has had that proved to be another one does not count.
    pub fn give_back(&self, spent: Spent) {
        self.unpacked.fetch_sub(spent.bytes, Ordering::Relaxed);
        self.beyond.fetch_sub(spent.beyond, Ordering::Relaxed);
        self.entries.fetch_sub(spent.entries, Ordering::Relaxed);
    }
}

/// A tar or a file that is being unpacked, no more than the budget allows.
pub struct Bounded<'a, R> {
    inner: R,
    budget: &'a Budget,
    /// Bytes of the blob that it took.
    fed: Rc<Cell<u64>>,
    given: u64,
    beyond: u64,
    entries: usize,
    is_compressed: bool,
    hasher: Option<Hasher>,
}

impl<'a, R: Read> Bounded<'a, R> {
    /// `is_hashed` is whether somebody will ask for the digest.
    pub fn new(inner: R, budget: &'a Budget, fed: Rc<Cell<u64>>, is_compressed: bool, is_hashed: bool) -> Self {
        Self {
            inner,
            budget,
            fed,
            given: 0,
            beyond: 0,
            entries: 0,
            is_compressed,
            hasher: is_hashed.then(Hasher::new),
        }
    }

    /// Takes one more file or directory.
    pub fn entry(&mut self, name: &[u8]) -> Result<(), Fault> {
        let (weight, most) = (weight(name), self.budget.most);
        self.entries += weight;
        let before = self.budget.entries.fetch_add(weight, Ordering::Relaxed);
        if before.saturating_add(weight) <= most {
            Ok(())
        } else {
            Err(Fault::TooMany { most })
        }
    }

    /// Takes so many bytes more of what was compressed.
    pub fn take(&mut self, bytes: u64) -> Result<(), Fault> {
        self.given += bytes;
        let before = self.budget.unpacked.fetch_add(bytes, Ordering::Relaxed);
        self.check(before.saturating_add(bytes))
    }

    /// What it has had so far.
    pub const fn spent(&self) -> Spent {
        Spent {
            bytes: self.given,
            beyond: self.beyond,
            entries: self.entries,
        }
    }

    /// How many bytes were beyond the ratio.
    pub const fn beyond(&self) -> u64 {
        self.beyond
    }

    /// The digest of all bytes.
    pub fn finish(self) -> Option<Digest> {
        self.hasher.map(Hasher::finish)
    }

    fn check(&mut self, all: u64) -> Result<(), Fault> {
        let most = self.budget.stated.unwrap_or(TOTAL);
        if all > most {
            return Err(Fault::Total { most });
        }
        if self.budget.stated.is_some() {
            return Ok(());
        }
        let beyond = self.given.saturating_sub(self.fed.get().saturating_mul(RATIO));
        let more = beyond.saturating_sub(self.beyond);
        self.beyond += more;
        let sum = self
            .budget
            .beyond
            .fetch_add(more, Ordering::Relaxed)
            .saturating_add(more);
        if self.beyond > FREE {
            Err(Fault::Ratio)
        } else if sum > FREE && more > 0 && !self.budget.is_of_many {
            Err(Fault::Ratios)
        } else {
            Ok(())
        }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(buffer.get(..read).unwrap_or_default());
        }
        if self.is_compressed {
            self.take(read as u64).map_err(io::Error::other)?;
        }
        Ok(read)
    }
}
