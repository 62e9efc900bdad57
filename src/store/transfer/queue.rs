use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::digest::Digest;

/// Blobs from this size on are hashed while they are copied; smaller ones are read whole.
///
/// At 256 KiB a read takes about as long as opening the file did, and a buffer for each of the many threads that read
/// small files is still cheap.
pub const LARGE: u64 = 256 << 10;

/// A large blob that somebody must read.
#[derive(Debug, Clone)]
pub struct Job {
    /// Which blob.
    pub index: usize,
    /// Its digest, where it is known.
    pub digest: Option<Digest>,
    /// The destinations that it goes to, by their index. None: it is only hashed.
    pub destinations: Vec<usize>,
    /// Whether its bytes were counted: it has been read before.
    pub is_counted: bool,
}

/// The large blobs that wait, largest first, and how many workers have nothing to do.
#[derive(Debug)]
pub struct Queue(Mutex<State>);

#[derive(Debug)]
struct State {
    waiting: VecDeque<Job>,
    idle: usize,
}

impl Queue {
    pub fn new(waiting: VecDeque<Job>, workers: usize) -> Self {
        Self(Mutex::new(State { waiting, idle: workers }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job for a worker that has none.
    pub fn take_first(&self) -> Option<Job> {
        let mut state = self.state();
        let job = state.waiting.pop_front()?;
        state.idle = state.idle.saturating_sub(1);
        Some(job)
    }

    /// A job for the other lane of a worker: only where no idle worker is left without one, because a core for each
    /// blob is quicker than two blobs on one.
    pub fn take_second(&self) -> Option<Job> {
        let mut state = self.state();
        if state.waiting.len() > state.idle {
            state.waiting.pop_front()
        } else {
            None
        }
    }

    /// Whether no job waits.
    pub fn is_empty(&self) -> bool {
        self.state().waiting.is_empty()
    }

    /// A worker has no job any more.
    pub fn rest(&self) {
        self.state().idle += 1;
    }

    /// A worker goes away: it will take no job again.
    pub fn leave(&self) {
        let mut state = self.state();
        state.idle = state.idle.saturating_sub(1);
    }

    /// Puts a job in front: its file has just been read and is in the cache.
    pub fn put_back(&self, job: Job) {
        self.state().waiting.push_front(job);
    }
}
