use std::fmt;

use crate::digest::{Digest, Hasher, Stamp};

/// Which digest of a file is meant: its bytes' own, or another one that follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct View(Option<Digest>);

impl View {
    /// The digest of `prefix`, the file's bytes, `suffix`: of a layer that is a tar.
    #[must_use]
    pub fn within(prefix: &[u8], suffix: &[u8]) -> Self {
        if prefix.is_empty() && suffix.is_empty() {
            return Self(None);
        }
        let mut hasher = Hasher::new();
        hasher.update(b"within\n");
        // The length tells apart what otherwise only stands elsewhere.
        hasher.update(&(prefix.len() as u64).to_be_bytes());
        hasher.update(prefix);
        hasher.update(suffix);
        Self(Some(hasher.finish()))
    }

    /// The digest of an artifact that the file was written to hold, in a form that `form` tells from all others.
    #[must_use]
    pub fn artifact(form: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(b"artifact\n");
        hasher.update(form);
        Self(Some(hasher.finish()))
    }
}

/// What an entry is found by. Files of other stamps with the same key are the same file at other times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub device: u64,
    pub inode: u64,
    pub view: View,
}

impl Key {
    pub(super) const fn new(stamp: &Stamp, view: View) -> Self {
        Self {
            device: stamp.device,
            inode: stamp.inode,
            view,
        }
    }
}

/// A line of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub stamp: Stamp,
    pub view: View,
    pub digest: Digest,
    /// When it was recorded, in seconds since 1970.
    pub when: u64,
    /// Where the file was then, escaped.
    pub path: String,
}

impl Entry {
    pub(super) const fn key(&self) -> Key {
        Key::new(&self.stamp, self.view)
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
            view: match words.next()? {
                "-" => View(None),
                hex => View(Some(Digest::from_hex(hex)?)),
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
        match &self.view.0 {
            None => f.write_str("-")?,
            Some(digest) => f.write_str(&digest.hex())?,
        }
        write!(f, " {} {} {}", self.digest.hex(), self.when, self.path)
    }
}
