use std::io::{self, Read};

use crate::store::tar::{self, Kind, Walk};
use crate::store::tree::attributes::Attributes;
use crate::store::tree::error::Fault;

/// What a tar holds that is a layer, read once from front to back.
pub struct Entries<R> {
    walk: Walk<R>,
}

/// An entry.
pub struct Entry {
    /// Its name, not judged.
    pub name: Vec<u8>,
    kind: Kind,
    /// `None` for what is no file.
    pub size: Option<u64>,
    pub attributes: Attributes,
}

impl<R: Read> Entries<R> {
    pub const fn new(reader: R) -> Self {
        Self {
            walk: Walk::new(reader),
        }
    }

    /// The next entry; what was not read of the last one is skipped. Behind the last one everything is read.
    ///
    /// # Errors
    /// The tar cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        let Some(entry) = self.walk.next()? else {
            // GNU tar pads to a record of 20 blocks.
            io::copy(self.walk.inner(), &mut io::sink())?;
            return Ok(None);
        };
        let tar::Entry { name, kind, size, .. } = entry;
        Ok(Some(Entry {
            name,
            kind,
            size: (kind == Kind::File).then_some(size),
            attributes: Attributes::new(entry.mode.unwrap_or(0o644), entry.modified),
        }))
    }

    /// Reads on in the last entry; 0 at its end.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.walk.read(buffer)
    }

    /// Where the bytes come from, to be asked about them.
    pub const fn inner(&mut self) -> &mut R {
        self.walk.inner()
    }

    /// Where the bytes come from.
    pub fn into_inner(self) -> R {
        self.walk.into_inner()
    }
}

impl Entry {
    /// What it is, where that is not extracted.
    pub const fn unfit(&self) -> Option<&'static str> {
        match self.kind {
            Kind::File | Kind::Directory => None,
            Kind::Sparse => Some("a sparse file"),
            Kind::HardLink => Some("a hard link"),
            Kind::Symlink => Some("a symlink"),
            Kind::Device => Some("a device"),
            Kind::Fifo => Some("a FIFO"),
            Kind::Other => Some("of an unknown type"),
        }
    }

    /// Whether all readers agree where the next one begins.
    pub const fn is_clear(&self) -> bool {
        !matches!(self.kind, Kind::Sparse | Kind::Other)
    }

    /// The fault that it is something else than a file or a directory.
    pub fn fault(&self, what: &'static str) -> Fault {
        let name = String::from_utf8_lossy(&self.name).into_owned();
        Fault::Entry { name, what }
    }
}
