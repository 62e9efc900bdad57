use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

use super::decode::decode;
use super::entry::{Entries, Entry};
use super::limit::{Bounded, Budget, FREE};
use crate::digest::Digest;
use crate::plan::LayerEncoding;
use crate::store::tree::error::Fault;
use crate::store::tree::path::{PathFault, TreePath};

/// Whose tar it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packer {
    /// A model's, which has files and directories.
    Model,
    /// That of a container image, or of what is no model: it may have symlinks and devices, too.
    Any,
}

/// What is in a packed layer.
#[derive(Debug, Default)]
pub struct Inside {
    /// The digest of what it unpacks to, the tar or the file.
    pub diff_id: Option<Digest>,
    /// A tar's files and directories; whether it is a file.
    pub entries: Vec<(TreePath, bool)>,
    /// How many bytes it unpacks to beyond a hundred times its size, at the worst.
    pub beyond: u64,
    /// What is wrong with others, the first hundred of it.
    pub faults: Vec<Fault>,
}

impl Inside {
    /// Nobody reads more of them.
    pub const MOST_FAULTS: usize = 100;

    /// What [`Self::beyond`] may come to in an artifact.
    pub const MOST_BEYOND: u64 = FREE;

    /// Reads a packed blob to its end, and writes nothing.
    ///
    /// # Errors
    /// It cannot be unpacked, or to more than `budget` allows.
    pub fn read(bytes: impl Read, encoding: LayerEncoding, of: Packer, budget: &Budget) -> Result<Self, Fault> {
        let fed = Rc::new(Cell::new(0));
        let unpacked = decode(bytes, encoding, fed.clone());
        let mut bounded = Bounded::new(unpacked, budget, fed, encoding.is_compressed(), true);
        let mut inside = Self::default();
        if encoding.is_tar() {
            bounded = match of {
                Packer::Model => inside.list(bounded)?,
                Packer::Any => inside.look(bounded)?,
            };
        }
        io::copy(&mut bounded, &mut io::sink()).map_err(Fault::of)?;
        inside.beyond = bounded.beyond();
        inside.diff_id = bounded.finish();
        Ok(inside)
    }

    fn list<'a, R: Read>(&mut self, reader: Bounded<'a, R>) -> Result<Bounded<'a, R>, Fault> {
        let mut entries = Entries::new(reader);
        loop {
            match entries.next().map_err(Fault::of) {
                Ok(None) => break,
                Ok(Some(entry)) => {
                    if let Err(fault) = entries.inner().entry(&entry.name) {
                        self.note(fault);
                        break;
                    }
                    // Behind one of another kind, nothing can be told apart any more.
                    if let Some(what) = entry.unfit() {
                        self.note(entry.fault(what));
                        break;
                    }
                    self.take(&entry);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(entries.into_inner())
    }

    /// Looks whether it is a tar from which nothing gets out; its paths are nobody's affair beyond that.
    fn look<'a, R: Read>(&mut self, reader: Bounded<'a, R>) -> Result<Bounded<'a, R>, Fault> {
        let mut entries = Entries::new(reader);
        while let Some(entry) = entries.next().map_err(Fault::of)? {
            let fault = match entry.name.as_slice() {
                [b'/', ..] => PathFault::Absolute,
                name if name.split(|byte| *byte == b'/').any(|name| name == b"..") => PathFault::Parent,
                _ => continue,
            };
            let path = String::from_utf8_lossy(&entry.name).into_owned();
            self.note(Fault::Path { path, fault });
        }
        Ok(entries.into_inner())
    }

    fn take(&mut self, entry: &Entry) {
        match TreePath::of_entry(&entry.name) {
            Ok(Some(path)) => self.entries.push((path, entry.size.is_some())),
            Ok(None) => {}
            Err(fault) => {
                let path = String::from_utf8_lossy(&entry.name).into_owned();
                self.note(Fault::Path { path, fault });
            }
        }
    }

    fn note(&mut self, fault: Fault) {
        if self.faults.len() < Self::MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}

impl Fault {
    /// What a failure to read from bytes that are at hand means: they are not what they should be.
    pub(super) fn of(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(fault) => fault,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Self::Truncated,
            Err(error) => Self::Broken(error.to_string()),
        }
    }
}
