//! What the operating system can do for us that the standard library does not offer.

use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;

use fs_err::File;

/// Lets the kernel copy up to `length` bytes between two files; it shares the blocks where the file system can
/// (XFS, btrfs, bcachefs). Returns how many bytes it copied: 0 at the end of `from`, `None` where it cannot copy
/// between these two files at all.
#[cfg(target_os = "linux")]
pub fn copy_range(
    from: &File,
    mut from_offset: u64,
    to: &File,
    mut to_offset: u64,
    length: u64,
) -> io::Result<Option<u64>> {
    use rustix::io::Errno;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    loop {
        match rustix::fs::copy_file_range(from, Some(&mut from_offset), to, Some(&mut to_offset), length) {
            Ok(copied) => return Ok(Some(copied as u64)),
            Err(Errno::INTR) => {}
            // Another file system, an old kernel, a special file system, a sandbox: all say so before the first byte.
            Err(Errno::XDEV | Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL | Errno::PERM | Errno::TXTBSY) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Elsewhere bytes go through a buffer.
#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub fn copy_range(_: &File, _: u64, _: &File, _: u64, _: u64) -> io::Result<Option<u64>> {
    Ok(None)
}

/// Lets `to` share all blocks of `from` (FICLONE), where the file system can. Returns whether it does.
pub fn share(from: &File, to: &File) -> bool {
    // Whatever the reason is why not, a copy will do, or say so better.
    #[cfg(target_os = "linux")]
    return rustix::fs::ioctl_ficlone(to, from).is_ok();
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (from, to);
        false
    }
}

/// Copies all of a file to an empty one; they share blocks where they can.
pub fn copy_all(from: &File, to: &File) -> io::Result<()> {
    if share(from, to) {
        return Ok(());
    }
    let mut at = 0;
    loop {
        match copy_range(from, at, to, at, 1 << 30)? {
            Some(0) => return Ok(()),
            Some(copied) => at += copied,
            None => break,
        }
    }
    let (mut rest, mut to) = (from, to);
    rest.seek(SeekFrom::Start(at))?;
    to.seek(SeekFrom::Start(at))?;
    io::copy(&mut rest, &mut to).map(drop)
}

/// Whether a hard link can lead from the directory `to` to the file `from`: both are of one mount. One file system that is
/// mounted at two places, as containers have it, is not enough.
pub fn is_linkable(from: &File, to: &File) -> io::Result<bool> {
    match (mount_of(from), mount_of(to)) {
        (Some(from), Some(to)) => Ok(from == to),
        _ => Ok(from.metadata()?.dev() == to.metadata()?.dev()),
    }
}

/// The number of the mount that a file was opened below; Linux before 5.8 does not tell.
#[cfg(target_os = "linux")]
fn mount_of(file: &File) -> Option<u64> {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    let found = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?;
    let told = StatxFlags::from_bits_retain(found.stx_mask);
    told.contains(StatxFlags::MNT_ID).then_some(found.stx_mnt_id)
}

/// Elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
const fn mount_of(_: &File) -> Option<u64> {
    None
}

/// Tells the kernel that `file` will be read from front to back: it then reads further ahead.
pub fn expect_sequential(file: &File) {
    #[cfg(target_os = "linux")]
    {
        // Advice: nothing depends on it.
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Sequential);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

/// How many of the bytes of `file` from `offset` on were written one after the other, `most` at most: as far as the file
/// system has blocks for them, less than a block too few.
pub fn written(file: &File, offset: u64, most: u64) -> u64 {
    /// As large as blocks of file systems are.
    const BLOCK: u64 = 64 << 10;
    #[cfg(target_os = "linux")]
    {
        let hole = rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(offset)).unwrap_or(offset);
        let found = hole.saturating_sub(offset);
        // The last block may be there for its first byte.
        if found >= most {
            most
        } else {
            found.saturating_sub(BLOCK)
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, offset, most, BLOCK);
        0
    }
}

/// Waits until everything written to the file system of `directory` is on its device: one wait for any number of
/// small files (2,000 files: 0.04 s instead of 3.3 s for an `fsync` each, measured on ext4).
pub fn sync_filesystem(directory: &File) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return rustix::fs::syncfs(directory).map_err(Into::into);
    #[cfg(not(target_os = "linux"))]
    directory.sync_all()
}
