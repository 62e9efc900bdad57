use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::entry::{Entry, Key, View};
use crate::digest::{Digest, Stamp};

/// The first word of a shard, and the version of what follows. A later version has a directory of its own.
const MAGIC: &str = "modelbuild-digests 1";

/// The most entries of a shard: half a million in all 256, which are some 80 MB.
pub(super) const MOST_ENTRIES: usize = 2048;

/// The most bytes of a shard, for paths may be long.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// A part of the cache: one file of text, a line an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shard(BTreeMap<Key, Entry>);

impl Shard {
    /// Which shard a file belongs to.
    ///
    /// File systems give neighbours neighbouring numbers: so a small tree lies in one to three shards, wherever it is
    /// moved on its device, and a large one is spread over all of them.
    pub(super) const fn number(stamp: &Stamp) -> u8 {
        let group = (stamp.inode >> 8) ^ stamp.device.rotate_left(32);
        // Fibonacci hashing: the upper bits of a product with 2^64 ÷ φ depend on all bits of the group.
        (group.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
    }

    /// Reads what [`Self::bytes`] writes. `None` for anything else: half a file, a flipped bit, another version.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        let (header, body) = text.split_once('\n')?;
        let digest = header.strip_prefix(MAGIC)?.strip_prefix(' ')?;
        if Digest::from_hex(digest)? != Digest::of(body.as_bytes()) {
            return None;
        }
        let entry = |line| Entry::parse(line).map(|entry| (entry.key(), entry));
        body.split_terminator('\n').map(entry).collect::<Option<_>>().map(Self)
    }

    /// The file's content; equal shards have equal bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut body = String::new();
        for entry in self.0.values() {
            // Writing to a String cannot fail.
            let _ = writeln!(body, "{entry}");
        }
        format!("{MAGIC} {}\n{body}", Digest::of(body.as_bytes()).hex()).into_bytes()
    }

    /// The digest of the blob of a file with exactly this stamp.
    pub(super) fn entry(&self, stamp: &Stamp, view: View) -> Option<&Entry> {
        self.0.get(&Key::new(stamp, view)).filter(|entry| entry.stamp == *stamp)
    }

    /// Takes an entry; those of the same file at another time go.
    pub(super) fn insert(&mut self, entry: Entry) {
        let outdated = |other: &&Entry| other.stamp != entry.stamp;
        let outdated: Vec<Key> = self.of_file(&entry.stamp).filter(outdated).map(Entry::key).collect();
        for other in outdated {
            self.0.remove(&other);
        }
        self.0.insert(entry.key(), entry);
    }

    /// All entries.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.values()
    }

    /// Whether anything is known of a file with exactly this stamp.
    pub(super) fn knows(&self, stamp: &Stamp) -> bool {
        self.of_file(stamp).any(|entry| entry.stamp == *stamp)
    }

    /// Takes over what is known of a file with the stamp `before` to the stamp `after`.
    pub(super) fn redate(&mut self, before: &Stamp, after: &Stamp) {
        let known: Vec<Entry> = self
            .of_file(before)
            .filter(|entry| entry.stamp == *before)
            .cloned()
            .collect();
        for entry in known {
            self.insert(Entry { stamp: *after, ..entry });
        }
    }

    /// The entries of a file, at any time.
    fn of_file(&self, stamp: &Stamp) -> impl Iterator<Item = &Entry> {
        let (device, inode) = (stamp.device, stamp.inode);
        self.0
            .range(Key::new(stamp, View::default())..)
            .map(|(_, entry)| entry)
            .take_while(move |entry| (entry.stamp.device, entry.stamp.inode) == (device, inode))
    }

    /// Gives up an entry, if there is one.
    pub(super) fn remove(&mut self, key: Key) {
        self.0.remove(&key);
    }

    /// Gives up the oldest entries until the shard is no larger than it may be. Returns the file's content then.
    pub(super) fn trim(&mut self) -> Vec<u8> {
        let content = self.bytes();
        let mut bytes = content.len();
        if self.0.len() <= MOST_ENTRIES && bytes <= MOST_BYTES {
            return content;
        }
        let mut by_age: Vec<(u64, Key)> = self.0.iter().map(|(key, entry)| (entry.when, *key)).collect();
        by_age.sort_unstable();
        for (_, key) in by_age {
            if self.0.len() <= MOST_ENTRIES && bytes <= MOST_BYTES {
                break;
            }
            if let Some(entry) = self.0.remove(&key) {
                bytes -= entry.to_string().len() + 1;
            }
        }
        self.bytes()
    }
}
