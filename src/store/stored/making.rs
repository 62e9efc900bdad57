use std::collections::HashMap;
use std::rc::Rc;

use super::closure::bare;
use super::variant::{self, Entry};
use super::{Checked, Found, MOST_BYTES, OpenError, Reach, Shelf};
use crate::artifact::Descriptor;
use crate::digest::Digest;

/// Reads artifacts and makes something of each, once, however often it is named. One of them is in memory at a time.
pub struct Making<'a, T, F> {
    shelf: &'a dyn Shelf,
    read: F,
    /// What was read, by digest and stated size.
    made: HashMap<(Digest, u64), Made<T>>,
    /// How many bytes the indexes have, each counted as often as it was named: so often there is a line of each entry.
    bytes: u64,
}

#[derive(Clone)]
pub enum Made<T> {
    /// Of an artifact, what it was made into.
    Artifact(Option<T>),
    /// Of an index, what it lists.
    Index(Rc<[Entry]>),
}

impl<'a, T: Clone, F: Fn(&Found) -> Result<Option<T>, OpenError>> Making<'a, T, F> {
    pub fn new(shelf: &'a dyn Shelf, read: F) -> Self {
        Self {
            shelf,
            read,
            made: HashMap::new(),
            bytes: 0,
        }
    }

    /// What a manifest or an index is made into; its bytes may have come along.
    pub fn made(&mut self, descriptor: &Descriptor, bytes: Option<Vec<u8>>) -> Result<Made<T>, OpenError> {
        let key = (descriptor.digest, descriptor.size);
        let made = if let Some(made) = self.made.get(&key) {
            made.clone()
        } else {
            let bytes = bytes.map_or_else(|| self.shelf.document("manifest", descriptor), Ok)?;
            let made = self.load(descriptor, bytes)?;
            self.made.insert(key, made.clone());
            made
        };
        if let Made::Index(_) = made {
            self.count(descriptor.size)?;
        }
        Ok(made)
    }

    /// Counts bytes of an index that are held once more.
    pub fn count(&mut self, bytes: u64) -> Result<(), OpenError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MOST_BYTES {
            let what = format!("its indexes have more than {MOST_BYTES} bytes, each counted as often as it is named");
            let place = self.shelf.name();
            return Err(OpenError::TooMuch { place, what });
        }
        Ok(())
    }

    /// The same of what an index lists; `None` where that is an index, too.
    pub fn within(&mut self, descriptor: &Descriptor) -> Result<Option<T>, OpenError> {
        Ok(match self.made(descriptor, None)? {
            Made::Artifact(made) => made,
            Made::Index(_) => None,
        })
    }

    fn load(&self, descriptor: &Descriptor, bytes: Vec<u8>) -> Result<Made<T>, OpenError> {
        let document = Checked::new((descriptor.clone(), bytes));
        if document.is_index() {
            let entries = variant::entries(&document.bytes).into_iter();
            let bare = |entry: Entry| Entry {
                descriptor: bare(entry.descriptor),
                ..entry
            };
            return Ok(Made::Index(entries.map(bare).collect()));
        }
        let found = super::load(self.shelf, document, None, Reach::default(), &[])?;
        Ok(Made::Artifact((self.read)(&found)?))
    }
}
