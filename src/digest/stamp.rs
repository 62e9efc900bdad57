use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What `stat` says of a file's identity and last change.
///
/// Two equal stamps mean that the content was not written to in between, as far as the file system's clock can tell
/// (git's and ccache's rule). `ctime` catches a modification time that was set back by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The device that holds the file.
    pub device: u64,
    /// The file's number on that device.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Last change of the content, nanoseconds since 1970.
    pub modified: i128,
    /// Last change of content or attributes, nanoseconds since 1970.
    pub changed: i128,
}

impl Stamp {
    /// The stamp in the result of a `stat` that followed symlinks.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether the file was at rest for more than `rest` at the time `now`. One with a time in the future was not: a clock
    /// jumped, or somebody set it.
    #[must_use]
    pub fn is_settled(&self, now: SystemTime, rest: Duration) -> bool {
        // A clock that stands before 1970 does not know what time it is.
        let now = now.duration_since(UNIX_EPOCH).map_or(i128::MIN, nanoseconds);
        self.modified.max(self.changed) < now.saturating_sub(nanoseconds(rest))
    }
}

fn nanoseconds(time: Duration) -> i128 {
    // A duration has less than 2^94 of them.
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}
