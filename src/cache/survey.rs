//! What is in the cache, and what of it can go.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::entry::{Entry, Key};
use super::shard::Shard;
use super::{Cache, escape};
use crate::digest::Stamp;

/// What is in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    /// Digests.
    pub entries: usize,
    /// Size of all files, in bytes.
    pub bytes: u64,
    /// When the oldest digest was found out.
    pub oldest: Option<SystemTime>,
}

/// What became of the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// How many were removed.
    pub removed: usize,
    /// How many stayed.
    pub kept: usize,
}

impl Cache {
    /// Looks at everything.
    ///
    /// # Errors
    /// The directory is not the user's alone.
    pub fn survey(&self) -> io::Result<Survey> {
        self.check()?;
        let mut survey = Survey::default();
        for number in 0..=u8::MAX {
            for entry in self.directory.read(number).entries() {
                let when = UNIX_EPOCH.checked_add(Duration::from_secs(entry.when));
                survey.entries += 1;
                survey.oldest = survey.oldest.into_iter().chain(when).min();
            }
            survey.bytes += self.directory.size(number);
        }
        Ok(survey)
    }

    /// Removes entries whose file is gone or another one by now, and those older than `age`.
    ///
    /// # Errors
    /// The directory cannot be used.
    pub fn prune(&self, age: Option<Duration>) -> io::Result<Pruned> {
        self.check()?;
        let limit = age.and_then(|age| (self.now)().checked_sub(age));
        let limit = limit.and_then(|limit| limit.duration_since(UNIX_EPOCH).ok());
        let mut pruned = Pruned::default();
        // Files are looked at without the lock, for which others wait.
        let mut by_shard: BTreeMap<u8, Vec<Key>> = BTreeMap::new();
        for number in 0..=u8::MAX {
            let shard = self.directory.read(number);
            let is_old = |entry: &&Entry| limit.is_some_and(|limit| entry.when < limit.as_secs());
            let useless = shard.entries().filter(|entry| is_old(entry) || is_outdated(entry));
            let useless: Vec<Key> = useless.map(Entry::key).collect();
            pruned.removed += useless.len();
            pruned.kept += shard.entries().count() - useless.len();
            // A shard that cannot be read has no entry, and goes.
            if !useless.is_empty() || self.directory.size(number) > 0 && shard.entries().next().is_none() {
                by_shard.insert(number, useless);
            }
        }
        self.directory.change(by_shard, Shard::remove)?;
        Ok(pruned)
    }

    /// Removes all entries. Returns how many they were.
    ///
    /// # Errors
    /// The directory cannot be used.
    pub fn clear(&self) -> io::Result<usize> {
        let Survey { entries, .. } = self.survey()?;
        self.directory.clear()?;
        self.give_up_documents()?;
        Ok(entries)
    }
}

/// Whether the file is gone, or another one. One that cannot be looked at may be there still.
fn is_outdated(entry: &Entry) -> bool {
    match fs_err::metadata(escape::unescape(&entry.path)) {
        Ok(metadata) => Stamp::of(&metadata) != entry.stamp,
        Err(error) => matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}
