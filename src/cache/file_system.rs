use std::path::Path;
use std::time::Duration;

use crate::digest::Stamp;

/// How far the stamps of a file system can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileSystem {
    /// This machine alone writes to it, and its `ctime` is the kernel's.
    Local,
    /// The same, where what lies below it is; below it may be an image as under [`Self::Unknown`], whose files show
    /// `mtime` in the place of `ctime`.
    Layered,
    /// Others write to it as well, so that `stat` may answer with what was true a minute ago, and their clocks are not
    /// ours. They keep a `ctime`.
    Shared,
    /// The same, and whether a `ctime` is kept depends on what is behind it: sshfs and the like show `mtime` in its
    /// place, which anybody can set back.
    Foreign,
    /// Not known to keep a `ctime` that tells of every write, such as FAT, or images that are replaced under the same
    /// device with times that were set, such as squashfs.
    Unknown,
}

/// No clock of a file system ticks more slowly (FAT's does so).
const LOCAL_REST: Duration = Duration::from_secs(2);

/// Longer than NFS remembers what `stat` said (`acregmax`) and than clocks of a site differ.
const SHARED_REST: Duration = Duration::from_mins(1);

/// `statfs` magic numbers (linux/magic.h, and the sources of those outside of the kernel).
#[cfg(target_os = "linux")]
const LOCAL: [u32; 12] = [
    0x0000_ef53, // ext2, ext3, ext4
    0x5846_5342, // XFS
    0x9123_683e, // btrfs
    0xca45_1a4e, // bcachefs
    0x2fc1_2fc1, // ZFS
    0xf2f5_2010, // F2FS
    0x0102_1994, // tmpfs
    0x8584_58f6, // ramfs
    0x3153_464a, // JFS
    0x5265_4973, // ReiserFS
    0x0000_3434, // NILFS2
    0x2405_1905, // UBIFS
];
#[cfg(target_os = "linux")]
const LAYERED: [u32; 2] = [
    0x794c_7630, // overlayfs
    0x0000_f15f, // eCryptfs
];
#[cfg(target_os = "linux")]
const SHARED: [u32; 7] = [
    0x0000_6969, // NFS
    0x00c3_6400, // Ceph
    0x0bd0_0bd0, // Lustre
    0x4750_4653, // GPFS
    0x1983_0326, // BeeGFS
    0x0116_1970, // GFS2
    0x7461_636f, // OCFS2
];
#[cfg(target_os = "linux")]
const FOREIGN: [u32; 5] = [
    0x6573_5546, // FUSE, virtiofs
    0x0102_1997, // 9p
    0x0000_517b, // SMB
    0xff53_4d42, // SMB, as CIFS
    0xfe53_4d42, // SMB 2 and later
];

impl FileSystem {
    /// The file system of a device that `path` was found on.
    #[cfg(target_os = "linux")]
    pub(super) fn of(path: &Path, device: u64) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let found = rustix::fs::statfs(path);
        match (found, fs_err::metadata(path)) {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "magic numbers have 32 bits, their type another width on each architecture"
            )]
            (Ok(found), Ok(metadata)) if metadata.dev() == device => Self::of_magic(found.f_type as u32),
            _ => Self::Unknown,
        }
    }

    /// Elsewhere file systems have names instead of numbers.
    #[cfg(not(target_os = "linux"))]
    pub(super) const fn of(_: &Path, _: u64) -> Self {
        Self::Unknown
    }

    #[cfg(target_os = "linux")]
    fn of_magic(magic: u32) -> Self {
        if LOCAL.contains(&magic) {
            Self::Local
        } else if LAYERED.contains(&magic) {
            Self::Layered
        } else if SHARED.contains(&magic) {
            Self::Shared
        } else if FOREIGN.contains(&magic) {
            Self::Foreign
        } else {
            Self::Unknown
        }
    }

    /// How long a file with this stamp must have been at rest; `None` where no rest is enough.
    pub(super) fn rest(self, stamp: &Stamp) -> Option<Duration> {
        match self {
            Self::Local => Some(LOCAL_REST),
            Self::Shared => Some(SHARED_REST),
            // Where both are equal, the one may be the other.
            Self::Layered => (stamp.changed != stamp.modified).then_some(LOCAL_REST),
            Self::Foreign => (stamp.changed != stamp.modified).then_some(SHARED_REST),
            Self::Unknown => None,
        }
    }

    /// Whether `stat` may have answered without asking those who know.
    pub(super) const fn is_remote(self) -> bool {
        matches!(self, Self::Shared | Self::Foreign)
    }
}

/// The stamp of a file as its server knows it now.
#[cfg(target_os = "linux")]
pub(super) fn ask_server(path: &Path) -> Option<Stamp> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, StatxTimestamp, makedev, statx};
    let found = statx(CWD, path, AtFlags::STATX_FORCE_SYNC, StatxFlags::BASIC_STATS).ok()?;
    let nanoseconds = |time: StatxTimestamp| i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec);
    Some(Stamp {
        device: makedev(found.stx_dev_major, found.stx_dev_minor),
        inode: found.stx_ino,
        size: found.stx_size,
        modified: nanoseconds(found.stx_mtime),
        changed: nanoseconds(found.stx_ctime),
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn ask_server(_: &Path) -> Option<Stamp> {
    None
}
