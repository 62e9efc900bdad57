//! One ustar header block.

use super::BLOCK;

/// Longest `name` field.
const NAME: usize = 100;

/// Longest `prefix` field.
const PREFIX: usize = 155;

/// What stands behind the header.
#[derive(Clone, Copy)]
pub(super) enum Typeflag {
    /// A file's data.
    Regular,
    /// Pax records for the member that follows.
    Extended,
}

/// The two fields that hold a member's path; the prefix may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub prefix: &'a str,
    pub name: &'a str,
}

/// What varies between headers.
pub(super) struct Fields<'a> {
    pub name: Name<'a>,
    pub mode: u32,
    pub size: u64,
    pub mtime: u64,
    pub typeflag: Typeflag,
}

/// Whether `number` fits the eleven octal digits of the size and time fields: below 8 GiB.
pub(super) const fn fits(number: u64) -> bool {
    number < 1 << 33
}

/// `path` in ustar's two fields; `None` where a pax record must hold it: too long, or not ASCII, for which ustar names no
/// encoding.
pub(super) fn split_name(path: &str) -> Option<Name<'_>> {
    if !path.is_ascii() {
        return None;
    }
    if path.len() <= NAME {
        return Some(Name { prefix: "", name: path });
    }
    path.rmatch_indices('/')
        .filter_map(|(at, _)| Some((path.get(..at)?, path.get(at + 1..)?)))
        .find(|(prefix, name)| (1..=PREFIX).contains(&prefix.len()) && (1..=NAME).contains(&name.len()))
        .map(|(prefix, name)| Name { prefix, name })
}

/// What a reader without pax shall call a member: the last component, as far as it fits. A slash at the end of the field
/// would make it a directory there.
pub(super) fn fallback_name(path: &str) -> Name<'_> {
    let last = path.rsplit('/').next().unwrap_or(path);
    let end = (0..=NAME).rev().find(|end| last.is_char_boundary(*end)).unwrap_or(0);
    Name {
        prefix: "",
        name: last.get(..end.min(last.len())).unwrap_or(last),
    }
}

/// The header's 512 bytes.
///
/// Numbers are octal with leading zeros and one NUL, as GNU tar, Go and Python write ustar; the checksum alone ends in
/// NUL and space.
pub(super) fn block(fields: &Fields<'_>) -> Vec<u8> {
    let mut before = Vec::with_capacity(BLOCK);
    text(&mut before, fields.name.name, NAME);
    octal(&mut before, u64::from(fields.mode & 0o7777), 8);
    octal(&mut before, 0, 8); // uid
    octal(&mut before, 0, 8); // gid
    octal(&mut before, fields.size, 12);
    octal(&mut before, fields.mtime, 12);

    let mut behind = Vec::with_capacity(BLOCK);
    behind.push(match fields.typeflag {
        Typeflag::Regular => b'0',
        Typeflag::Extended => b'x',
    });
    text(&mut behind, "", 100); // link name
    behind.extend(b"ustar\x0000");
    text(&mut behind, "", 32); // user name
    text(&mut behind, "", 32); // group name
    octal(&mut behind, 0, 8); // device, major
    octal(&mut behind, 0, 8); // device, minor
    text(&mut behind, fields.name.prefix, PREFIX);

    // The checksum counts its own eight bytes as spaces.
    let sum: u64 = before.iter().chain(&behind).map(|byte| u64::from(*byte)).sum();
    octal(&mut before, sum + 8 * u64::from(b' '), 7);
    before.push(b' ');
    before.extend(behind);
    before.resize(BLOCK, 0);
    before
}

/// `text` and zeros up to `width` bytes.
fn text(block: &mut Vec<u8>, text: &str, width: usize) {
    let end = block.len() + width;
    block.extend(text.bytes().take(width));
    block.resize(end, 0);
}

/// `number` as octal digits with leading zeros and a NUL, `width` bytes in all.
fn octal(block: &mut Vec<u8>, number: u64, width: usize) {
    let digits = width - 1;
    block.extend(format!("{number:0digits$o}\0").bytes());
}
