use std::io::{self, Read};

use crate::store::tar::{self, Kind, Walk};
use crate::store::tree::attributes::Attributes;
use crate::store::tree::error::Fault;

/// What a tar holds that is a layer, read once from front to back.
pub struct Entries<R> {
    walk: Walk<R>,
    /// Whether entries may be anything.
    takes_any: bool,
}

/// An entry.
pub struct Entry {
    /// Its name, not judged.
    pub name: Vec<u8>,
    /// `None` for what is no file.
    pub size: Option<u64>,
    pub attributes: Attributes,
}

impl<R: Read> Entries<R> {
    pub const fn new(reader: R) -> Self {
        Self {
            walk: Walk::new(reader),
            takes_any: false,
        }
    }

    /// The same where links, devices and whatever else a tar has are no fault.
    pub const fn of_any(reader: R) -> Self {
        Self {
            walk: Walk::new(reader),
            takes_any: true,
        }
    }

    /// The next entry; what was not read of the last one is skipped. Behind the last one everything is read.
    ///
    /// # Errors
    /// The tar cannot be read, or has an entry that is neither file nor directory: a [`Fault`] within.
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        let Some(entry) = self.walk.next()? else {
            // GNU tar pads to a record of 20 blocks.
            io::copy(self.walk.inner(), &mut io::sink())?;
            return Ok(None);
        };
        let tar::Entry { name, kind, size, .. } = entry;
        if let Some(what) = unfit(kind)
            && !self.takes_any
        {
            let name = String::from_utf8_lossy(&name).into_owned();
            return Err(io::Error::other(Fault::Entry { name, what }));
        }
        Ok(Some(Entry {
            name,
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

/// What an entry is that is not extracted.
const fn unfit(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::File | Kind::Directory => None,
        Kind::Sparse => Some("a sparse file"),
        Kind::HardLink => Some("a hard link"),
        Kind::Symlink => Some("a symlink"),
        Kind::Device => Some("a device"),
        Kind::Fifo => Some("a FIFO"),
        Kind::Other => Some("of an unknown type"),
    }
}
