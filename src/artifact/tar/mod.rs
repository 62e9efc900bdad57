//! Writing tar: POSIX ustar, and pax records only where ustar cannot say it (POSIX.1-2017, `pax`, "ustar Interchange
//! Format" and "pax Extended Header").
//!
//! Enters: what a [`Member`] is called, and where its header will stand. Leaves: the [`header`]'s bytes, which depend on
//! nothing else; the caller writes the member's bytes and [`padding`] behind it, and [`END`] behind the last member.
//! Owners are always 0 and without names.

mod pax;
mod ustar;

use pax::Records;
use ustar::Typeflag;

/// Headers, data and the end all come in blocks of this many bytes.
pub const BLOCK: usize = 512;

/// What follows the last member: two blocks of zeros.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// From this size on, a member's data begins at a multiple of [`ALIGNMENT`].
///
/// Below it, sharing blocks gains nothing that the longer header would not lose.
pub const ALIGNED_FROM: u64 = 1 << 20;

/// The block size of XFS and btrfs, which can share whole blocks between files only.
pub const ALIGNMENT: u64 = 4096;

/// A regular file in a tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// Path, `/` separated, relative.
    pub name: &'a str,
    /// Size of the data in bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Time of the last change, seconds since 1970.
    pub mtime: i64,
}

/// The bytes before a member's data, where they begin `position` bytes into the enclosing file.
///
/// A member of [`ALIGNED_FROM`] bytes or more gets a pax `comment` of spaces as long as it takes to bring the data to a
/// multiple of [`ALIGNMENT`]; whether it does depends on size and position alone, never on the file system.
#[must_use]
pub fn header(member: &Member<'_>, position: u64) -> Vec<u8> {
    let mut records = Records::default();
    let name = ustar::split_name(member.name);
    if name.is_none() {
        records.push("path", member.name);
    }
    let size = ustar::fits(member.size).then_some(member.size);
    if size.is_none() {
        records.push("size", &member.size.to_string());
    }
    let mtime = u64::try_from(member.mtime).ok().filter(|seconds| ustar::fits(*seconds));
    if mtime.is_none() {
        records.push("mtime", &member.mtime.to_string());
    }
    if member.size >= ALIGNED_FROM {
        records.align(position);
    }
    let mut bytes = records.into_blocks();
    bytes.extend(ustar::block(&ustar::Fields {
        name: name.unwrap_or_else(|| ustar::fallback_name(member.name)),
        mode: member.mode,
        // Where a record says it, the field is void.
        size: size.unwrap_or(0),
        mtime: mtime.unwrap_or(0),
        typeflag: Typeflag::Regular,
    }));
    bytes
}

/// How many zeros follow `size` bytes of data.
#[must_use]
pub fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}
