use std::io;

use fs_err::File;
use jiff::Timestamp;
use rustix::fs::{Mode, Stat, Timespec, Timestamps, UTIME_OMIT, fchmod, fstat, futimens};

use crate::artifact::Descriptor;
use crate::artifact::read::FileMetadata;
use crate::files::umask;
use crate::modelfile::time;

/// What a file gets whose mode nobody states.
const PLAIN: u32 = 0o644;

/// Mode and time of a file, as its artifact states them; never its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    mode: u32,
    modified: Option<Timestamp>,
}

impl Attributes {
    /// Of a raw layer's file. What cannot be read is not stated.
    pub fn of(layer: &Descriptor) -> Self {
        let metadata = FileMetadata::of(&layer.annotations);
        let modified = metadata.mtime().as_deref().and_then(time);
        Self::new(metadata.mode().unwrap_or(PLAIN), modified)
    }

    /// Of a file of which nobody states any.
    pub fn plain() -> Self {
        Self::new(PLAIN, None)
    }

    /// Of a stated mode, whatever bits it has: nobody but the owner may write to what comes from elsewhere, who may always
    /// read it; nothing runs by another one's right; and the user's umask counts as for any new file.
    pub fn new(mode: u32, modified: Option<Timestamp>) -> Self {
        Self {
            mode: mode & 0o755 & !umask() | 0o400,
            modified,
        }
    }

    /// The mode that a file is made with.
    pub const fn mode(&self) -> Mode {
        Mode::from_bits_retain(self.mode)
    }

    /// Gives a file these. One that was made with its mode has it, unless its directory has a default ACL: to look takes
    /// the kernel a tenth of what it takes to set it.
    pub fn set(&self, file: &File) -> io::Result<()> {
        if fstat(file)?.st_mode & 0o7777 != self.mode {
            fchmod(file, self.mode())?;
        }
        if let Some(modified) = self.timespec() {
            let times = Timestamps {
                last_access: Timespec {
                    tv_sec: 0,
                    tv_nsec: UTIME_OMIT,
                },
                last_modification: modified,
            };
            futimens(file, &times)?;
        }
        Ok(())
    }

    /// Whether a file has these, the time as finely as its file system keeps it.
    pub fn hold(&self, stat: &Stat) -> bool {
        let is_then = self.timespec().is_none_or(|modified| {
            let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or_default();
            stat.st_mtime == modified.tv_sec && (nanoseconds == modified.tv_nsec || nanoseconds == 0)
        });
        stat.st_mode & 0o7777 == self.mode && is_then
    }

    /// Whether its owner may execute the file.
    pub const fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }

    fn timespec(&self) -> Option<Timespec> {
        let modified = self.modified?;
        let (seconds, nanoseconds) = (modified.as_second(), i64::from(modified.subsec_nanosecond()));
        // Before 1970 jiff counts both downwards.
        let borrowed = nanoseconds < 0;
        Some(Timespec {
            tv_sec: seconds - i64::from(borrowed),
            tv_nsec: nanoseconds + if borrowed { 1_000_000_000 } else { 0 },
        })
    }
}
