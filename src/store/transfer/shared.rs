use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::queue::{Job, LARGE, Queue};
use super::stretches::Stretches;
use super::{Options, Received, alike, small};
use crate::cores;
use crate::digest::Digest;
use crate::store::{Blob, Cancel, Content, Destination, Error, Event, Needs, Outcome, Progress, Source};

/// What all threads of a transfer work on.
pub struct Shared<'a> {
    pub source: &'a dyn Source,
    pub destinations: Vec<&'a dyn Destination>,
    pub progress: &'a dyn Progress,
    /// The large blobs.
    pub queue: Queue,
    pub small: Stretches,
    workers: usize,
    /// How many threads only take small blobs.
    readers: usize,
    /// Large blobs that may equal another one, where that would be sent for nothing.
    pub alike: HashSet<usize>,
    /// Whether each worker has one blob at a time, because it waits for a network.
    pub one_each: bool,
    names: Vec<String>,
    cancel: &'a Cancel,
    /// What ends this transfer alone.
    pub stop: Cancel,
    state: Mutex<State>,
}

/// What changes while they do.
pub struct State {
    digests: Vec<Option<Digest>>,
    /// Which of several equal blobs goes to the registries.
    pub carriers: HashMap<Digest, usize>,
    pub received: Vec<Received>,
    error: Option<Error>,
}

/// Compares a digest with what it was said to be.
pub fn check(name: &str, expected: Option<Digest>, found: Digest) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != found => Err(Error::Mismatch {
            name: name.to_owned(),
            expected,
            found,
        }),
        _ => Ok(()),
    }
}

impl<'a> Shared<'a> {
    pub fn new(
        source: &'a dyn Source,
        destinations: &'a [Box<dyn Destination>],
        progress: &'a dyn Progress,
        cancel: &'a Cancel,
        stop: Cancel,
    ) -> Self {
        let blobs = source.blobs();
        let destinations: Vec<&dyn Destination> = destinations.iter().map(AsRef::as_ref).collect();
        let one_each = source.is_remote() || destinations.iter().any(|destination| destination.is_remote());
        let state = State {
            digests: blobs.iter().map(|blob| blob.digest).collect(),
            carriers: HashMap::new(),
            received: vec![Received::default(); destinations.len()],
            error: None,
        };
        Self {
            source,
            names: destinations.iter().map(|destination| destination.name()).collect(),
            destinations,
            progress,
            workers: 0,
            alike: HashSet::new(),
            one_each,
            queue: Queue::new(VecDeque::new(), 0),
            small: Stretches::default(),
            readers: 0,
            cancel,
            stop,
            state: Mutex::new(state),
        }
    }

    /// Finds out what there is to do.
    pub fn sort_out(&mut self, options: Options) {
        let is_free = |to: &usize| {
            self.destinations
                .get(*to)
                .is_some_and(|to| to.needs() == Needs::Nothing)
        };
        let everywhere: Vec<usize> = (0..self.destinations.len()).filter(is_free).collect();
        let job = |(index, blob): (usize, &Blob)| Job {
            index,
            digest: blob.digest,
            destinations: everywhere.clone(),
            is_counted: false,
        };
        let missing = self.missing(&everywhere).into_iter();
        let (mut large, small): (Vec<_>, Vec<_>) = missing.partition(|(_, blob)| blob.size >= LARGE);
        if self.destinations.iter().any(|destination| destination.is_remote()) {
            self.alike = alike::alike(self.source, &large, &self.stop);
        }
        // Largest first: what takes longest must not come last. Equal sizes keep the manifest's order.
        large.sort_by_key(|(_, blob)| std::cmp::Reverse(blob.size));
        let useful = if self.one_each {
            large.len() + small.len()
        } else {
            large.len() + small.len().div_ceil(small::FILES_PER_THREAD)
        };
        self.workers = options.jobs.get().min(useful);
        self.queue = Queue::new(large.into_iter().map(job).collect(), self.workers);
        // A registry is asked as much at a time as somebody has said.
        self.readers = if self.one_each {
            0
        } else {
            small::extra_threads(self.workers, small.len())
        };
        self.small = Stretches::new(small.into_iter().map(job).collect(), self.workers + self.readers);
    }

    /// The blobs that somebody must read. Of the others it is noted that the destinations have them: to ask for 10,000
    /// is quicker than to start threads.
    fn missing(&self, everywhere: &[usize]) -> Vec<(usize, &'a Blob)> {
        let source: &'a dyn Source = self.source;
        if self.one_each {
            // A registry is asked by those who then send to it.
            return source.blobs().iter().enumerate().collect();
        }
        let everyone: Vec<_> = everywhere.iter().filter_map(|to| self.destinations.get(*to)).collect();
        let is_there = |(index, blob): (usize, &'a Blob)| {
            let has = |digest| everyone.iter().all(|destination| destination.has(digest, blob.size));
            (index, blob, blob.digest.as_ref().is_some_and(has))
        };
        let mut missing = Vec::new();
        for (index, blob, is_there) in cores::map(source.blobs().iter().enumerate().collect(), is_there) {
            if is_there {
                self.progress.event(Event::Spared { size: blob.size });
                for &to in everywhere {
                    self.stored(blob, to, Outcome::Present);
                }
            } else {
                missing.push((index, blob));
            }
        }
        missing
    }

    /// Bytes that are read where no destination holds anything: once for all that take them before the digest is known,
    /// and once for each that must know it.
    pub fn bytes_to_read(&self) -> u64 {
        let in_order = self
            .destinations
            .iter()
            .filter(|to| to.needs() == Needs::DigestsInOrder)
            .count();
        let anywhere = self.destinations.len() > in_order;
        let times = |blob: &Blob| u64::from(blob.digest.is_none() || anywhere) + in_order as u64;
        self.source
            .blobs()
            .iter()
            .map(|blob| blob.size.saturating_mul(times(blob)))
            // Sizes are whatever a manifest says.
            .fold(0, u64::saturating_add)
    }

    /// How many workers there is something to do for.
    pub const fn workers(&self) -> usize {
        self.workers
    }

    /// How many threads to have beside them for small blobs.
    pub const fn readers(&self) -> usize {
        self.readers
    }

    /// The blob of a job.
    pub fn blob(&self, index: usize) -> Result<&'a Blob, Error> {
        let source: &'a dyn Source = self.source;
        source
            .blobs()
            .get(index)
            .ok_or_else(|| Error::reading(std::io::Error::other("no such blob")))
    }

    /// Whether to stop: something failed, or somebody asked.
    pub fn is_stopped(&self) -> bool {
        if self.cancel.is_cancelled() {
            self.fail(Error::Interrupted);
        }
        self.stop.is_cancelled()
    }

    /// Notes that something failed; the first error is the one that is reported.
    pub fn fail(&self, error: Error) {
        // Before the others hear of it, whose errors would be that they were stopped.
        self.with_state(|state| {
            state.error.get_or_insert(error);
        });
        self.stop.cancel();
    }

    /// Notes the digest of a blob, which was read from `content` if it is a file's.
    pub fn hashed(&self, blob: &Blob, index: usize, content: Option<&Content>, digest: Digest) {
        if let Some(content) = content {
            self.source.hashed(index, content, &digest);
        }
        self.progress.event(Event::Hashed {
            name: &blob.name,
            digest: &digest,
            size: blob.size,
        });
        self.with_state(|state| {
            if let Some(place) = state.digests.get_mut(index) {
                *place = Some(digest);
            }
        });
    }

    /// Notes that a destination has a blob.
    pub fn stored(&self, blob: &Blob, destination: usize, outcome: Outcome) {
        self.note_stored(blob, destination, outcome, None);
    }

    /// The same where it was taken over from the place called `from`.
    pub fn mounted(&self, blob: &Blob, destination: usize, from: &str) {
        self.note_stored(blob, destination, Outcome::Mounted, Some(from));
    }

    fn note_stored(&self, blob: &Blob, destination: usize, outcome: Outcome, from: Option<&str>) {
        let name = self.names.get(destination).map(String::as_str).unwrap_or_default();
        self.progress.event(Event::Stored {
            name: &blob.name,
            destination: name,
            size: blob.size,
            outcome,
            from,
        });
        self.with_state(|state| {
            if let Some(received) = state.received.get_mut(destination) {
                received.count(outcome, blob.size);
            }
        });
    }

    /// All digests in manifest order, and what each destination got; or the first error.
    pub fn into_results(self) -> Result<(Vec<Digest>, Vec<Received>), Error> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.error {
            return Err(error);
        }
        let digests: Option<Vec<_>> = state.digests.into_iter().collect();
        digests
            .map(|digests| (digests, state.received))
            .ok_or_else(|| Error::reading(std::io::Error::other("a blob was not read")))
    }

    /// Looks at what changes, or changes it.
    pub fn with_state<T>(&self, action: impl FnOnce(&mut State) -> T) -> T {
        action(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
