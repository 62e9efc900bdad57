use std::collections::HashSet;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::members;
use crate::artifact::{Artifact, tar};
use crate::digest::Digest;
use crate::store::{Blob, Cancel, Destination, Error, Name, Needs, Offer, Outcome, Published, Slot};

/// A layout tar that goes to a pipe: it cannot go back, so every digest must be known before its blob.
pub struct ArchiveStream {
    name: String,
    names: Vec<Name>,
    inner: Mutex<Inner>,
}

struct Inner {
    name: String,
    writer: Box<dyn Write + Send>,
    position: u64,
    written: HashSet<Digest>,
}

impl ArchiveStream {
    /// A tar that is written to `writer`, which messages call `name`; the artifact will be in it under `names`.
    #[must_use]
    pub fn new(name: String, names: Vec<Name>, writer: Box<dyn Write + Send>) -> Self {
        Self {
            name: name.clone(),
            names,
            inner: Mutex::new(Inner {
                name,
                writer,
                position: 0,
                written: HashSet::new(),
            }),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Writes what comes first, once: not before all digests are known, so that nothing goes out in vain.
    fn begin(&mut self) -> Result<(), Error> {
        if self.position == 0 {
            self.write(&members::head())
        } else {
            Ok(())
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.position += bytes.len() as u64;
        self.writer
            .write_all(bytes)
            .map_err(|error| Error::writing(std::io::Error::new(error.kind(), format!("{}: {error}", self.name))))
    }
}

impl Destination for ArchiveStream {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn needs(&self) -> Needs {
        Needs::DigestsInOrder
    }

    fn begin(&mut self, _: &[Blob], _: Option<&Artifact>, _: &Cancel) -> Result<(), Error> {
        Ok(())
    }

    fn slot(&self, _: usize, size: u64, digest: Option<&Digest>) -> Result<Offer<'_>, Error> {
        let mut inner = self.inner();
        let digest = digest.ok_or_else(|| Error::writing(std::io::Error::other("the digest is not known yet")))?;
        if !inner.written.insert(*digest) {
            return Ok(Offer::Has(Outcome::Present));
        }
        inner.begin()?;
        let header = members::header(&members::blob_name(digest), size, inner.position);
        inner.write(&header)?;
        drop(inner);
        Ok(Offer::Slot(Box::new(StreamSlot { stream: self, size })))
    }

    fn can_begin_again(&self) -> bool {
        self.inner().position == 0
    }

    fn seal(&mut self, _: &Artifact) -> Result<(), Error> {
        Ok(())
    }

    fn publish(&mut self, artifact: &Artifact) -> Result<Published, Error> {
        let mut inner = self.inner();
        inner.begin()?;
        let tail = members::tail(artifact, &self.names, &inner.written, inner.position)?;
        inner.write(&tail)?;
        inner.writer.flush().map_err(Error::writing)?;
        Ok(Published::anew())
    }
}

struct StreamSlot<'a> {
    stream: &'a ArchiveStream,
    size: u64,
}

impl Slot for StreamSlot<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.stream.inner().write(bytes)
    }

    fn commit(self: Box<Self>, _: &Digest) -> Result<Outcome, Error> {
        self.stream.inner().write(&vec![0; tar::padding(self.size)])?;
        Ok(Outcome::Written)
    }
}
