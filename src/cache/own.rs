//! Files that the program itself has just written, such as a tarball.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::{Asked, Cache, Shard};
use crate::cores;
use crate::digest::{Digest, Stamp};

/// Longer than the clock of the kernel ticks (10 ms at most), by which files get their times.
const TICK: Duration = Duration::from_millis(20);

impl Cache {
    /// Keeps the digests of files that the caller has just written, each with the stamp that it had right after.
    ///
    /// They had no rest. Instead this waits until the tick is over in which they were written; a write after that gives
    /// a file another stamp, if its file system keeps times as finely as the kernel has them.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn record_own(&self, files: &[(Asked<'_>, Digest)]) -> io::Result<()> {
        self.wait(files.iter().map(|(file, _)| &file.stamp));
        let lasting = cores::map(files.iter().collect(), |entry: &(Asked<'_>, Digest)| {
            self.outlasts(entry.0.path, &entry.0.stamp).then_some(*entry)
        });
        self.record(&lasting.into_iter().flatten().collect::<Vec<_>>())
    }

    /// Keeps what is known of files whose times the caller has just set, each with the stamps before and right after.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn redate(&self, files: &[(PathBuf, Stamp, Stamp)]) -> io::Result<()> {
        self.wait(files.iter().map(|(_, _, after)| after));
        let mut by_shard: BTreeMap<u8, Vec<(Stamp, Stamp)>> = BTreeMap::new();
        for (path, before, after) in files {
            if self.directory.read(Shard::number(before)).knows(before) && self.outlasts(path, after) {
                by_shard
                    .entry(Shard::number(before))
                    .or_default()
                    .push((*before, *after));
            }
        }
        self.directory
            .change(by_shard, |shard, (before, after)| shard.redate(&before, &after))
    }

    /// Waits until the tick is over in which the last of the files got its stamp.
    fn wait<'a>(&self, mut stamps: impl Iterator<Item = &'a Stamp>) {
        if stamps.any(|stamp| !stamp.is_settled((self.now)(), TICK)) {
            sleep(TICK + Duration::from_millis(1));
        }
    }

    /// Whether no write can give the file at `path` the stamp that it has; not where that cannot be told.
    fn outlasts(&self, path: &Path, stamp: &Stamp) -> bool {
        /// Nanoseconds. A time without any below this is one of a clock that ticks more slowly, but for one in a million.
        const FINE: i128 = 1_000_000;
        let system = self.file_system(path, stamp);
        if system.is_remote() || system.rest(stamp).is_none() || stamp.changed % FINE == 0 {
            return false;
        }
        let now = fs_err::symlink_metadata(path).map(|metadata| Stamp::of(&metadata));
        now.is_ok_and(|now| now == *stamp) && stamp.is_settled((self.now)(), TICK)
    }
}
