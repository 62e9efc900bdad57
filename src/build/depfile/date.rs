use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};

/// A modification time for what was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Date {
    /// The present, by the file system's clock: newer than every input and every directory that an output was put in.
    Now,
    /// Older than anything that happened since then: what was built is out of date.
    Before(SystemTime),
}

/// Gives files this modification time. To be done when nothing is written any more.
///
/// # Errors
/// A file is gone, or belongs to somebody else.
pub fn date(files: &[PathBuf], date: Date) -> io::Result<()> {
    let time = match date {
        Date::Now => Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_NOW,
        },
        Date::Before(time) => before(time),
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    let failed = |path: &Path, error| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
    };
    files
        .iter()
        .try_for_each(|path| utimensat(CWD, path, &times, AtFlags::empty()).map_err(|error| failed(path, error)))
}

/// A second earlier: file systems stamp with a clock that lags a few milliseconds behind.
fn before(time: SystemTime) -> Timespec {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = since.saturating_sub(Duration::from_secs(1));
    Timespec {
        tv_sec: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: since.subsec_nanos().into(),
    }
}
