use std::sync::Arc;
use std::thread::Scope;

use super::feed::Feed;
use super::flusher::Flusher;
use super::intake::Intake;
use super::queue::Job;
use super::shared::{Shared, check};
use super::slots::Taken;
use crate::digest::{Digest, Hasher, update_both};
use crate::store::{Blob, Bytes, Content, Error, Event, Flow};

/// One large blob being hashed while it is copied.
pub struct Lane<'a> {
    job: Job,
    blob: &'a Blob,
    /// The destinations of the slots that the bytes go to.
    destinations: Vec<usize>,
    /// The destinations that may hold the blob already.
    later: Vec<usize>,
    /// What it comes by, where that may be another way the next time.
    flow: Option<Arc<dyn Flow>>,
    feed: Feed<'a>,
    /// None where those that take the bytes hash them.
    hasher: Option<Hasher>,
    /// Bytes that were read; those before `hashed` are hashed.
    chunk: Vec<u8>,
    filled: usize,
    hashed: usize,
    /// How many of the next bytes were there already, and count as moved.
    found: u64,
    /// Whether a destination that hashes it has found it to be another blob, and it comes from elsewhere now.
    is_spoiled: bool,
}

/// A blob of which every byte was hashed.
pub struct Finished<'a> {
    pub index: usize,
    pub blob: &'a Blob,
    pub digest: Digest,
    /// The file that it was read from, where it was hashed.
    pub content: Option<Content>,
    /// The slots that have its bytes.
    pub slots: Vec<Taken<'a>>,
    /// The destinations that may hold it already.
    pub later: Vec<usize>,
    /// What it came by, where that may be another way the next time.
    pub flow: Option<Arc<dyn Flow>>,
}

/// How a blob ended.
pub enum Ended<'a> {
    /// It is what it should be.
    Well(Finished<'a>),
    /// It is not, but may be once it is begun anew.
    Spoiled(Job),
}

impl<'a> Lane<'a> {
    /// Opens the blob of `job` and its slots; `None` where no destination needs it. A `lone` blob has a core to itself.
    pub fn open<'scope>(
        job: Job,
        lone: bool,
        shared: &Shared<'a>,
        flusher: &Flusher,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<Option<Self>, Error>
    where
        'a: 'scope,
    {
        let blob = shared.blob(job.index)?;
        let (taken, later, bytes) = if let Some(digest) = job.digest {
            let (first, mut others) = shared.first_of_each(&job.destinations);
            let mut slots = shared.slots_for_digest(job.index, &first, &digest, None)?;
            if slots.is_empty() {
                slots = shared.slots_for_digest(job.index, &std::mem::take(&mut others), &digest, None)?;
            }
            if slots.is_empty() {
                if !job.is_counted {
                    shared.progress.event(Event::Spared { size: blob.size });
                }
                return Ok(None);
            }
            let bytes = shared.source.open(job.index, &shared.stop)?;
            let (slots, mut later) = match bytes.file() {
                Some(content) => shared.slots_and_linking(slots, content)?,
                None => (slots, Vec::new()),
            };
            later.extend(others);
            (slots, later, bytes)
        } else {
            let (slots, later) = shared.slots_before_digest(&job, blob)?;
            (slots, later, shared.source.open(job.index, &shared.stop)?)
        };
        let is_verified = shared.is_verified_elsewhere(&job, &taken, &later);
        let flow = match &bytes {
            Bytes::File(_) => None,
            Bytes::Flow(flow) => Some(flow.clone()),
        };
        let (destinations, slots): (Vec<_>, Vec<_>) = taken.into_iter().unzip();
        let intake = Intake::new(bytes, slots, !is_verified, Some(flusher.clone()))?;
        shared.progress.event(Event::Started {
            name: &blob.name,
            size: blob.size,
        });
        let (found, read_back) = intake.found();
        if found > 0 {
            shared.progress.event(Event::Found {
                name: &blob.name,
                bytes: found,
            });
        }
        let (feed, buffer) = Feed::new(intake, blob.size, lone, shared.workers(), scope)?;
        let hasher = (!is_verified).then(Hasher::new);
        Ok(Some(Self {
            job,
            blob,
            destinations,
            later,
            flow,
            feed,
            hasher,
            chunk: buffer,
            filled: 0,
            hashed: 0,
            found: read_back,
            is_spoiled: false,
        }))
    }

    /// Makes sure that there are bytes to hash, unless the blob has ended.
    pub fn fill(&mut self, shared: &Shared<'a>) -> Result<(), Error> {
        if self.hashed < self.filled {
            return Ok(());
        }
        match self.refill(shared) {
            Err(error) if may_be_better(self.flow.as_ref(), &error) => {
                self.is_spoiled = true;
                Ok(())
            }
            filled => filled,
        }
    }

    fn refill(&mut self, shared: &Shared<'a>) -> Result<(), Error> {
        self.filled = 0;
        self.hashed = 0;
        self.filled = self.feed.fill(&mut self.chunk)?;
        let found = self.found.min(self.filled as u64);
        self.found -= found;
        let moved = self.filled as u64 - found;
        if moved > 0 {
            shared.progress.event(Event::Advanced {
                name: &self.blob.name,
                bytes: moved,
            });
        }
        Ok(())
    }

    /// Whether every byte was hashed, or no more are wanted.
    pub const fn has_ended(&self) -> bool {
        self.feed.has_ended() || self.is_spoiled
    }

    fn waiting(&self) -> &[u8] {
        self.chunk.get(self.hashed..self.filled).unwrap_or_default()
    }

    /// Hashes what was read.
    pub fn hash(&mut self) {
        let bytes = self.chunk.get(self.hashed..self.filled).unwrap_or_default();
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        self.hashed = self.filled;
    }

    /// Hashes what was read for two blobs, as much as both have.
    pub fn hash_both(&mut self, other: &mut Self) {
        let (Some(_), Some(_)) = (&self.hasher, &other.hasher) else {
            self.hash();
            return other.hash();
        };
        let length = self.waiting().len().min(other.waiting().len());
        let mine = self.chunk.get(self.hashed..self.hashed + length).unwrap_or_default();
        let theirs = other.chunk.get(other.hashed..other.hashed + length).unwrap_or_default();
        if let (Some(hasher), Some(beside)) = (&mut self.hasher, &mut other.hasher) {
            update_both(hasher, mine, beside, theirs);
        }
        self.hashed += length;
        other.hashed += length;
    }

    /// The end of a blob of which every byte was hashed.
    pub fn finish(self) -> Result<Ended<'a>, Error> {
        if self.is_spoiled {
            return Ok(Ended::Spoiled(self.job));
        }
        let intake = self
            .feed
            .into_ended()
            .ok_or_else(|| Error::reading(std::io::Error::other("the blob has not ended")))?;
        let (digest, is_hashed) = match (self.hasher, self.job.digest) {
            (None, Some(digest)) => (digest, false),
            (hasher, _) => (hasher.unwrap_or_default().finish(), true),
        };
        let wrong = check(&self.blob.name, self.job.digest, digest).err();
        let may_be_better = wrong.is_some() && intake.may_be_better();
        let (content, mut slots) = intake.finish()?;
        if let Some(error) = wrong {
            for slot in &mut slots {
                slot.spoil();
            }
            return if may_be_better {
                Ok(Ended::Spoiled(self.job))
            } else {
                Err(error)
            };
        }
        let slots = self.destinations.into_iter().zip(slots).collect();
        Ok(Ended::Well(Finished {
            index: self.job.index,
            blob: self.blob,
            digest,
            content: content.filter(|_| is_hashed),
            slots,
            later: self.later,
            flow: self.flow,
        }))
    }
}

/// Whether a destination has found a blob to be another one that came by `flow`, and it comes another way from now on.
/// Who sends what he did not hash hears of it so.
pub fn may_be_better(flow: Option<&Arc<dyn Flow>>, error: &Error) -> bool {
    matches!(error, Error::Mismatch { .. }) && flow.is_some_and(|flow| flow.distrust())
}
