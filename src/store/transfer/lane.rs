use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::Scope;

use super::flusher::Flusher;
use super::intake::Intake;
use super::queue::Job;
use super::shared::{Shared, Taken, check};
use crate::digest::{Digest, Hasher, update_both};
use crate::store::{Blob, Bytes, Content, Error, Event, Flow};

/// A lone blob from this size on has a thread of its own that reads ahead; for smaller ones it does not pay.
const AHEAD: u64 = 8 << 20;

/// Buffers of all threads that read ahead, in bytes. More does not make it faster.
const BUDGET: usize = 32 << 20;

/// The buffer of a lane that reads for itself: small enough that two of them stay in a core's own cache while the kernel
/// fills one. Four warm files on two cores are hashed a fifth faster so than with threads that read ahead, which move
/// every byte through memory once more; with 64 KiB they cost 0.40 s of a core for each GiB, with 128 KiB 0.44.
const CHUNK: usize = 64 << 10;

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
    ended: Option<Intake<'a>>,
    /// Whether a destination that hashes it has found it to be another blob, and it comes from elsewhere now.
    is_spoiled: bool,
}

/// Where a lane's bytes come from.
enum Feed<'a> {
    /// Read when they are needed.
    Inline(Box<Intake<'a>>),
    /// Read ahead by another thread.
    Ahead {
        full: Receiver<Message<'a>>,
        empty: Sender<Vec<u8>>,
    },
    /// There are no more.
    Ended,
}

enum Message<'a> {
    Bytes(Vec<u8>, usize),
    End(Box<Intake<'a>>),
    Failed(Error),
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

/// How large the chunks of a thread that reads ahead are, and how many of them it has.
const fn buffers(jobs: usize) -> (usize, usize) {
    let chunk = if jobs <= 16 { 1 << 20 } else { 256 << 10 };
    let depth = BUDGET / (jobs * chunk);
    (
        chunk,
        if depth < 2 {
            2
        } else if depth > 6 {
            6
        } else {
            depth
        },
    )
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
        if intake.passed_over() > 0 {
            shared.progress.event(Event::Advanced {
                name: &blob.name,
                bytes: intake.passed_over(),
            });
        }
        let (feed, buffer) = if lone && blob.size >= AHEAD {
            let (chunk, depth) = buffers(shared.workers());
            (read_ahead(intake, chunk, depth, scope)?, Vec::new())
        } else {
            (Feed::Inline(Box::new(intake)), vec![0; CHUNK])
        };
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
            ended: None,
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
        match std::mem::replace(&mut self.feed, Feed::Ended) {
            Feed::Inline(mut intake) => {
                self.filled = intake.read(&mut self.chunk)?;
                if self.filled == 0 {
                    self.ended = Some(*intake);
                } else {
                    self.feed = Feed::Inline(intake);
                }
            }
            Feed::Ahead { full, empty } => {
                if !self.chunk.is_empty() {
                    // The reader has gone where it met the end of the blob.
                    let _ = empty.send(std::mem::take(&mut self.chunk));
                }
                match full.recv() {
                    Ok(Message::Bytes(chunk, filled)) => {
                        (self.chunk, self.filled) = (chunk, filled);
                        self.feed = Feed::Ahead { full, empty };
                    }
                    Ok(Message::End(intake)) => self.ended = Some(*intake),
                    Ok(Message::Failed(error)) => return Err(error),
                    Err(_) => return Err(Error::reading(std::io::Error::other("the reading thread went away"))),
                }
            }
            Feed::Ended => {}
        }
        if self.filled > 0 {
            shared.progress.event(Event::Advanced {
                name: &self.blob.name,
                bytes: self.filled as u64,
            });
        }
        Ok(())
    }

    /// Whether every byte was hashed, or no more are wanted.
    pub const fn has_ended(&self) -> bool {
        self.ended.is_some() || self.is_spoiled
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
            .ended
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

/// Reads a blob on a thread of its own, `depth` chunks ahead of the hash.
fn read_ahead<'a, 'scope>(
    mut intake: Intake<'a>,
    chunk: usize,
    depth: usize,
    scope: &'scope Scope<'scope, '_>,
) -> Result<Feed<'a>, Error>
where
    'a: 'scope,
{
    let (to_hash, full): (SyncSender<Message<'a>>, _) = sync_channel(depth);
    let (empty, to_fill) = channel::<Vec<u8>>();
    for _ in 0..depth {
        // The receiver is right here.
        let _ = empty.send(vec![0; chunk]);
    }
    let read = move || {
        // Either channel closes when the lane is dropped, because something failed elsewhere.
        while let Ok(mut buffer) = to_fill.recv() {
            let message = match intake.read(&mut buffer) {
                Ok(0) => {
                    let _ = to_hash.send(Message::End(Box::new(intake)));
                    return;
                }
                Ok(filled) => Message::Bytes(buffer, filled),
                Err(error) => {
                    // Nobody is to find its slots taken who begins it anew.
                    drop(intake);
                    let _ = to_hash.send(Message::Failed(error));
                    return;
                }
            };
            if to_hash.send(message).is_err() {
                return;
            }
        }
    };
    super::worker::start("read ahead", scope, read)?;
    Ok(Feed::Ahead { full, empty })
}
