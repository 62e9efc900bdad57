use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Extent;
use super::flaw::Flaw;
use super::registry::RemoteBlob;
use super::store::{Seat, Store};
use crate::artifact::Artifact;
use crate::cores;
use crate::digest::Digest;
use crate::plan::LayerEncoding;
use crate::store::tree::{Budget, Inspector};
use crate::store::{
    Blob, Bytes, Cancel, Error, Fault, Flow, Inside, Options, Packer, Progress, Reading, Source, digests,
};

/// How many files and directories all packed layers together may have: ten artifacts of the largest kind. What is known of
/// each is in memory until all were read.
const MOST_LISTED: usize = 1_000_000;

/// How many of a blob's first bytes are kept, which is little for all of a place together: a text shows itself by them.
pub const HEAD: usize = 64;

/// A blob that is to be read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// What it is called.
    pub name: String,
    /// Its digest, by which it is found.
    pub digest: Digest,
    /// Its size, as its descriptor says. A registry is believed to have so many bytes before they are fetched.
    pub size: u64,
    /// How it is packed, where somebody wants to know what is in it.
    pub packed: Option<Packed>,
}

/// How a layer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Packed {
    /// As a tar, compressed or not.
    pub encoding: LayerEncoding,
    /// Whose files are in it.
    pub of: Packer,
}

/// What is there of a blob.
#[derive(Debug, Clone)]
pub struct Content {
    /// How many bytes.
    pub size: u64,
    /// Their digest.
    pub digest: Digest,
    /// The first of them, [`HEAD`] at most.
    pub head: Box<[u8]>,
    /// What is in it, where that was asked.
    pub inside: Option<Arc<Result<Inside, Fault>>>,
}

impl Store {
    /// Reads blobs to their ends, as quickly as the machine can, and says of each what is there, or why that cannot be
    /// read; one that is damaged does not stop the others. No digest is taken from a cache.
    ///
    /// # Errors
    /// Nothing can be said of any: the registry cannot be asked, or `cancel` stopped it.
    pub fn hash(
        &self,
        sought: &[Sought],
        options: Options,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Vec<Result<Content, Flaw>>, Error> {
        let budget = Arc::new(Budget::of_many(MOST_LISTED));
        let seats = cores::map(sought.iter().collect(), |blob: &Sought| self.seat(&blob.digest));
        let there = seats.iter().zip(sought).filter_map(|(seat, blob)| {
            let seat = seat.as_ref().ok()?;
            Some(Tolerant::new(blob, seat, &budget))
        });
        let source = Seats::new(there.collect(), self.is_remote());
        let mut digests = digests(&source, options, progress, cancel)?.into_iter();
        for flow in &source.flows {
            flow.inspect_nothing()?;
        }
        let mut read = source.flows.into_iter();
        let found = |seat: Result<Seat, Flaw>| {
            seat?;
            let (Some(digest), Some(blob)) = (digests.next(), read.next()) else {
                return Err(Flaw::Missing);
            };
            let Outcome {
                read,
                head,
                flaw,
                inside,
            } = std::mem::take(&mut *blob.outcome());
            match flaw {
                Some(flaw) => Err(flaw),
                None => Ok(Content {
                    size: read,
                    digest,
                    head: head.into(),
                    inside: inside.map(Arc::new),
                }),
            }
        };
        Ok(seats.into_iter().map(found).collect())
    }

    /// Has the bytes of a blob come, which nobody has checked; as many as are sought.
    ///
    /// # Errors
    /// It is not there, or has another size.
    pub fn flow(&self, sought: &Sought) -> Result<Arc<dyn Flow>, Flaw> {
        let seat = self.seat(&sought.digest)?;
        let stated = sought.size;
        match &seat {
            Seat::File(Extent { size: found, .. }) if *found != stated => Err(Flaw::Size { stated, found: *found }),
            seat => Ok(seat.flow(sought)),
        }
    }

    /// How many bytes there are of a blob, where that can be told without fetching it.
    #[must_use]
    pub fn size(&self, digest: &Digest) -> Option<u64> {
        match self.seat(digest) {
            Ok(Seat::File(extent)) => Some(extent.size),
            Ok(Seat::Registry(_)) | Err(_) => None,
        }
    }
}

impl Seat {
    fn flow(&self, sought: &Sought) -> Arc<dyn Flow> {
        match self {
            Self::File(extent) => Arc::new(extent.clone()),
            Self::Registry(repository) => Arc::new(RemoteBlob {
                repository: repository.clone(),
                digest: sought.digest,
                size: sought.size,
                called: sought.name.clone(),
            }),
        }
    }
}

/// Blobs that go nowhere.
struct Seats {
    blobs: Vec<Blob>,
    flows: Vec<Tolerant>,
    is_remote: bool,
}

impl Seats {
    fn new(there: Vec<(Blob, Tolerant)>, is_remote: bool) -> Self {
        let (blobs, flows) = there.into_iter().unzip();
        Self {
            blobs,
            flows,
            is_remote,
        }
    }
}

impl Source for Seats {
    fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    /// Nothing but who stops all of it ends this before its end, and that one the client hears itself.
    fn open(&self, index: usize, _: &Cancel) -> Result<Bytes, Error> {
        let flow = self.flows.get(index).cloned();
        flow.map(|flow| Bytes::Flow(Arc::new(flow)))
            .ok_or_else(|| Error::reading(io::Error::other("no such blob")))
    }

    fn is_remote(&self) -> bool {
        self.is_remote
    }

    fn assemble(&self, _: &[Digest]) -> Result<Artifact, Error> {
        Err(Error::reading(io::Error::other("blobs alone are no artifact")))
    }
}

/// A blob that ends where it cannot be read any further, so that the others are read all the same.
#[derive(Clone)]
struct Tolerant {
    flow: Arc<dyn Flow>,
    packed: Option<Packed>,
    budget: Arc<Budget>,
    outcome: Arc<Mutex<Outcome>>,
}

/// How the reading of a blob went.
#[derive(Default)]
struct Outcome {
    read: u64,
    head: Vec<u8>,
    flaw: Option<Flaw>,
    inside: Option<Result<Inside, Fault>>,
}

impl Outcome {
    /// Notes the next bytes.
    fn note(&mut self, bytes: &[u8]) {
        if self.head.len() as u64 == self.read {
            let more = HEAD.saturating_sub(self.head.len());
            self.head.extend(bytes.iter().take(more));
        }
        self.read += bytes.len() as u64;
    }
}

impl Tolerant {
    /// Of a file, all that is there is read; it is noticed where that is not as much as there should be.
    fn new(sought: &Sought, seat: &Seat, budget: &Arc<Budget>) -> (Blob, Self) {
        let size = match seat {
            Seat::File(extent) => extent.size,
            Seat::Registry(_) => sought.size,
        };
        let blob = Blob {
            name: sought.name.clone(),
            size,
            // What is known need not be read.
            digest: None,
        };
        let tolerant = Self {
            flow: seat.flow(sought),
            packed: sought.packed,
            budget: budget.clone(),
            outcome: Arc::default(),
        };
        (blob, tolerant)
    }

    /// Looks at what is packed in a blob of no bytes: nobody reads one.
    fn inspect_nothing(&self) -> Result<(), Error> {
        let mut outcome = self.outcome();
        let is_unread = outcome.read == 0 && outcome.flaw.is_none() && outcome.inside.is_none();
        if let Some(packed) = self.packed.filter(|_| is_unread) {
            let inspector = Inspector::new(packed.encoding, packed.of, self.budget.clone())?;
            outcome.inside = Some(inspector.end());
        }
        Ok(())
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flow for Tolerant {
    fn from(&self, position: u64) -> Box<dyn Reading> {
        self.outcome().read = position;
        Box::new(Patient {
            reading: self.flow.from(position),
            blob: self.clone(),
            inspector: None,
            is_begun: false,
        })
    }
}

struct Patient {
    reading: Box<dyn Reading>,
    blob: Tolerant,
    /// Who looks at what is packed.
    inspector: Option<Inspector>,
    is_begun: bool,
}

impl Patient {
    fn begin(&mut self) -> Result<(), Error> {
        if let Some(packed) = self.blob.packed.filter(|_| !self.is_begun) {
            let budget = self.blob.budget.clone();
            self.inspector = Some(Inspector::new(packed.encoding, packed.of, budget)?);
        }
        self.is_begun = true;
        Ok(())
    }

    fn end(&mut self) {
        if let Some(inspector) = self.inspector.take() {
            let inside = inspector.end();
            self.blob.outcome().inside = Some(inside);
        }
    }
}

impl Reading for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.begin()?;
        match self.reading.read(buffer) {
            Ok(0) if !buffer.is_empty() => {
                self.end();
                Ok(0)
            }
            Ok(read) => {
                self.blob.outcome().note(buffer.get(..read).unwrap_or_default());
                if let Some(inspector) = &mut self.inspector {
                    inspector.take(buffer.get(..read).unwrap_or_default());
                }
                Ok(read)
            }
            Err(error) => {
                self.blob.outcome().flaw = Some(Flaw::of_reading(error)?);
                Ok(0)
            }
        }
    }
}

/// Small blobs are not read behind their last byte.
impl Drop for Patient {
    fn drop(&mut self) {
        self.end();
    }
}
