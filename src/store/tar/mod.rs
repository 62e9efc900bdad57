//! Reading tar: the headers of one that anybody may have made, a layout's or a layer's.
//!
//! Enters: bytes, from front to back. Leaves: each [`Entry`] with what its headers say, and its bytes on demand. What is
//! promised: whoever else reads the tar, by Go's `archive/tar`, GNU tar, libarchive or Python's `tarfile`, sees the same
//! entries with the same bytes. They differ wherever POSIX ("pax Interchange Format", "ustar Interchange Format") leaves
//! open what something means, and each of these places is an error here: what one reader is shown as harmless, another one
//! could find something else in. What these four write themselves has no such place. Memory is bounded whatever a header
//! claims.

mod about;
mod header;
mod records;
mod walk;

use std::io::{self, ErrorKind};

use jiff::Timestamp;

pub use walk::Walk;

/// An entry.
pub struct Entry {
    /// Its name, not judged.
    pub name: Vec<u8>,
    pub kind: Kind,
    /// How many bytes of it the tar has; of a sparse file without its holes.
    pub size: u64,
    /// Its permissions, where they are stated.
    pub mode: Option<u32>,
    pub modified: Option<Timestamp>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
    /// A file without its holes, in whatever form.
    Sparse,
    HardLink,
    Symlink,
    Device,
    Fifo,
    /// What only some tools know.
    Other,
}

/// What is wrong with a tar.
fn broken(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
