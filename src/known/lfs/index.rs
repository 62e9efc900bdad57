use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::super::{Error, document};
use super::pointer::BlobName;
use crate::digest::Stamp;

/// What git knows of the files in a working tree (git, gitformat-index(5)).
pub struct Index {
    entries: HashMap<Vec<u8>, Entry>,
    /// When the index was written: what changed since then may have its times still.
    written: i128,
}

/// A file that is checked out.
struct Entry {
    changed: Time,
    modified: Time,
    /// The lower halves of inode and size.
    inode: u32,
    size: u32,
    blob: BlobName,
}

/// Seconds and nanoseconds; some builds of git have no nanoseconds.
#[derive(Clone, Copy)]
struct Time(u32, u32);

impl Time {
    fn is(self, nanoseconds: i128) -> bool {
        let (seconds, rest) = (
            nanoseconds.div_euclid(1_000_000_000),
            nanoseconds.rem_euclid(1_000_000_000),
        );
        let fine = self.1 == 0 || i128::from(self.1) == rest;
        fine && seconds & 0xffff_ffff == i128::from(self.0)
    }
}

impl Index {
    /// Reads the index of a `.git`. An empty one where there is none that says anything here: another version, or the
    /// names of SHA-256.
    pub fn read(git: &Path) -> Result<Self, Error> {
        let path = git.join("index");
        // Before it is read: what is written over it later has later times.
        let written = fs_err::metadata(&path).map_or(i128::MIN, |metadata| Stamp::of(&metadata).modified);
        let bytes = document::read(&path)?.unwrap_or_default();
        let entries = entries(&bytes).unwrap_or_default();
        Ok(Self { entries, written })
    }

    /// The blob that the file at `path`, from the working tree, was checked out from or added as, if it is the same still.
    pub fn unchanged(&self, path: &Path, stamp: &Stamp) -> Option<BlobName> {
        let entry = self.entries.get(path.as_os_str().as_bytes())?;
        let same = entry.modified.is(stamp.modified)
            && entry.changed.is(stamp.changed)
            && u64::from(entry.inode) == stamp.inode & 0xffff_ffff
            && u64::from(entry.size) == stamp.size & 0xffff_ffff
            // git's own rule for what was written within the tick of the index.
            && stamp.modified < self.written;
        same.then_some(entry.blob)
    }
}

/// The files of an index, by path.
fn entries(bytes: &[u8]) -> Option<HashMap<Vec<u8>, Entry>> {
    const EXTENDED: u16 = 0x4000;
    const STAGE: u16 = 0x3000;
    const INTENT_TO_ADD: u16 = 0x2000;
    let mut rest = Bytes(bytes.strip_prefix(b"DIRC")?);
    let version = rest.number()?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let count = rest.number()?;
    let mut entries = HashMap::new();
    let mut path = Vec::new();
    for _ in 0..count {
        let begin = rest.0.len();
        let changed = Time(rest.number()?, rest.number()?);
        let modified = Time(rest.number()?, rest.number()?);
        let (_device, inode, _mode, _user, _group) = (
            rest.number()?,
            rest.number()?,
            rest.number()?,
            rest.number()?,
            rest.number()?,
        );
        let size = rest.number()?;
        let blob = *rest.take(20)?.first_chunk::<20>()?;
        let flags = rest.short()?;
        let further = if flags & EXTENDED == 0 { 0 } else { rest.short()? };
        if version == 4 {
            // So many bytes of the path before go, and these come.
            let kept = path.len().checked_sub(rest.varint()?)?;
            path.truncate(kept);
            path.extend_from_slice(rest.until_nul()?);
        } else {
            rest.until_nul()?.clone_into(&mut path);
            // One NUL was taken; up to seven more fill the entry to a multiple of eight bytes.
            let length = begin - rest.0.len();
            rest.take(length.next_multiple_of(8) - length)?;
        }
        if flags & STAGE == 0 && further & INTENT_TO_ADD == 0 {
            let entry = Entry {
                changed,
                modified,
                inode,
                size,
                blob,
            };
            entries.insert(path.clone(), entry);
        }
    }
    Some(entries)
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    }

    fn short(&mut self) -> Option<u16> {
        self.take(2)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
    }

    fn until_nul(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.take(end);
        self.take(1)?;
        text
    }

    /// Seven bits a byte, the highest first, each further byte counting from one more (git, varint.c).
    fn varint(&mut self) -> Option<usize> {
        let mut value: usize = 0;
        loop {
            let byte = usize::from(*self.take(1)?.first()?);
            value = value.checked_mul(128)?.checked_add(byte & 0x7f)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }
}
