use std::fmt;

use crate::digest::{Digest, Hasher, Stamp};

/// What a blob has around the bytes of its file: nothing, or the hash of it. A file has another digest as a layer that
/// is a tar than as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wrapping(Option<Digest>);

impl Wrapping {
    /// The wrapping of a file whose blob is `prefix`, the file, `suffix`.
    #[must_use]
    pub fn of(prefix: &[u8], suffix: &[u8]) -> Self {
        if prefix.is_empty() && suffix.is_empty() {
            return Self(None);
        }
        let mut hasher = Hasher::new();
        // The length tells apart what otherwise only stands elsewhere.
        hasher.update(&(prefix.len() as u64).to_be_bytes());
        hasher.update(prefix);
        hasher.update(suffix);
        Self(Some(hasher.finish()))
    }
}

/// What an entry is found by. Files of other stamps with the same key are the same file at other times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub device: u64,
    pub inode: u64,
    pub wrapping: Wrapping,
}

impl Key {
    pub(super) const fn new(stamp: &Stamp, wrapping: Wrapping) -> Self {
        Self {
            device: stamp.device,
            inode: stamp.inode,
            wrapping,
        }
    }
}

/// A line of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub stamp: Stamp,
    pub wrapping: Wrapping,
    pub digest: Digest,
    /// When it was recorded, in seconds since 1970.
    pub when: u64,
    /// Where the file was then, escaped.
    pub path: String,
}

impl Entry {
    pub(super) const fn key(&self) -> Key {
        Key::new(&self.stamp, self.wrapping)
    }

    /// Reads what [`fmt::Display`] writes, without the line's end.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let entry = Self {
            stamp: Stamp {
                device: words.next()?.parse().ok()?,
                inode: words.next()?.parse().ok()?,
                size: words.next()?.parse().ok()?,
                modified: words.next()?.parse().ok()?,
                changed: words.next()?.parse().ok()?,
            },
            wrapping: match words.next()? {
                "-" => Wrapping(None),
                hex => Wrapping(Some(Digest::from_hex(hex)?)),
            },
            digest: Digest::from_hex(words.next()?)?,
            when: words.next()?.parse().ok()?,
            path: words
                .next()
                .filter(|path| path.bytes().all(|byte| byte.is_ascii_graphic()))?
                .to_owned(),
        };
        words.next().is_none().then_some(entry)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp {
            device,
            inode,
            size,
            modified,
            changed,
        } = self.stamp;
        write!(f, "{device} {inode} {size} {modified} {changed} ")?;
        match &self.wrapping.0 {
            None => f.write_str("-")?,
            Some(digest) => f.write_str(&digest.hex())?,
        }
        write!(f, " {} {} {}", self.digest.hex(), self.when, self.path)
    }
}
