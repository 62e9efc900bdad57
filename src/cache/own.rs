//! Files that the program itself has just written, such as a tarball.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::{Asked, Cache, Shard};
use crate::digest::{Digest, Stamp};

/// Longer than the clock of the kernel ticks (10 ms at most), by which files get their times.
const TICK: Duration = Duration::from_millis(20);

impl Cache {
    /// Keeps the digest of a file that the caller has just written, whose stamp is the one that it had right after.
    ///
    /// It had no rest. Instead this waits until the tick is over in which the file was written; a write after that gives
    /// it another stamp, if its file system keeps times as finely as the kernel has them.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn record_own(&self, file: Asked<'_>, digest: Digest) -> io::Result<()> {
        if self.outlasts(file.path, &file.stamp) {
            self.record(&[(file, digest)])
        } else {
            Ok(())
        }
    }

    /// Keeps what is known of files whose times the caller has just set, each with the stamps before and right after.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn redate(&self, files: &[(PathBuf, Stamp, Stamp)]) -> io::Result<()> {
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

    /// Waits until no write can give the file at `path` the stamp that it has. `false` where that cannot be told, or is
    /// too late.
    fn outlasts(&self, path: &Path, stamp: &Stamp) -> bool {
        /// Nanoseconds. A time without any below this is one of a clock that ticks more slowly, but for one in a million.
        const FINE: i128 = 1_000_000;
        let system = self.file_system(path, stamp);
        if system.is_remote() || system.rest(stamp).is_none() || stamp.changed % FINE == 0 {
            return false;
        }
        sleep(TICK + Duration::from_millis(1));
        let now = fs_err::metadata(path).map(|metadata| Stamp::of(&metadata));
        now.is_ok_and(|now| now == *stamp) && stamp.is_settled((self.now)(), TICK)
    }
}
