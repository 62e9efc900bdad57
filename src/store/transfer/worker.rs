use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::Scope;

use super::finisher::{self, Complete};
use super::flusher::{self, Flusher};
use super::lane::{Ended, Finished, Lane, may_be_better};
use super::queue::Job;
use super::shared::Shared;
use super::slots::Taken;
use super::small;
use crate::store::Error;

/// How many blobs may wait to be committed; each of them keeps a file open.
const COMPLETE: usize = 32;

/// Moves every blob to every destination that can take it before its digest is known. What failed is noted in `shared`.
///
/// # Errors
/// The threads cannot be had.
pub fn run(shared: &Shared<'_>) -> Result<(), Error> {
    let workers = shared.workers();
    if workers == 0 {
        return Ok(());
    }
    let readers = shared.readers();
    // A thread a task, for each runs to the end: rayon starts them, or says that it cannot.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers + readers)
        .thread_name(|index| format!("worker {index}"))
        .build()
        .map_err(|error| Error::Threads {
            cause: std::io::Error::other(error),
        })?;
    // Threads that mostly wait, for the disk or for each other, are no workers.
    std::thread::scope(|scope| {
        let (to_finisher, complete) = sync_channel(COMPLETE);
        start("commit", scope, move || finisher::run(&complete, shared))?;
        let (flusher, to_flush) = Flusher::new();
        start("flush", scope, move || flusher::run(&to_flush))?;
        pool.scope(|tasks| {
            for _ in 0..workers {
                let worker = Worker {
                    shared,
                    scope,
                    to_finisher: to_finisher.clone(),
                    flusher: flusher.clone(),
                };
                tasks.spawn(move |_| {
                    worker.run();
                    small::run(shared);
                });
            }
            for _ in 0..readers {
                tasks.spawn(|_| small::run(shared));
            }
        });
        Ok(())
    })
}

/// Starts a thread of the transfer.
pub fn start<'scope>(
    name: &str,
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() + Send + 'scope,
) -> Result<(), Error> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn_scoped(scope, work)
        .map(drop)
        .map_err(|cause| Error::Threads { cause })
}

struct Worker<'scope, 'env, 'a> {
    shared: &'scope Shared<'a>,
    scope: &'scope Scope<'scope, 'env>,
    to_finisher: SyncSender<Complete<'a>>,
    flusher: Flusher,
}

impl<'scope, 'a: 'scope> Worker<'scope, '_, 'a> {
    fn run(self) {
        if let Err(error) = self.work() {
            self.shared.fail(error);
        }
        self.shared.queue.leave();
    }

    /// Hashes large blobs until none is left, two at a time where there are enough.
    fn work(&self) -> Result<(), Error> {
        let (mut one, mut other): (Option<Lane<'a>>, Option<Lane<'a>>) = (None, None);
        while !self.shared.is_stopped() {
            if one.is_none() {
                one = other.take();
            }
            if one.is_none() {
                one = self.open(true)?;
            } else if other.is_none() && !self.shared.one_each {
                other = self.open(false)?;
            }
            match (&mut one, &mut other) {
                (None, _) => return Ok(()),
                (Some(lane), None) => {
                    lane.fill(self.shared)?;
                    lane.hash();
                }
                (Some(lane), Some(beside)) => {
                    lane.fill(self.shared)?;
                    beside.fill(self.shared)?;
                    lane.hash_both(beside);
                }
            }
            for lane in [&mut one, &mut other] {
                if let Some(ended) = lane.take_if(|lane| lane.has_ended()) {
                    match ended.finish()? {
                        Ended::Well(finished) => self.finish(finished)?,
                        Ended::Spoiled(job) => self.shared.queue.put_back(job),
                    }
                }
            }
            if one.is_none() && other.is_none() {
                self.shared.queue.rest();
            }
        }
        Ok(())
    }

    /// The next blob that somebody needs.
    fn open(&self, first: bool) -> Result<Option<Lane<'a>>, Error> {
        let queue = &self.shared.queue;
        loop {
            let Some(job) = (if first { queue.take_first() } else { queue.take_second() }) else {
                return Ok(None);
            };
            let alone = first && queue.is_empty();
            match Lane::open(job, alone, self.shared, &self.flusher, self.scope)? {
                Some(lane) => return Ok(Some(lane)),
                None if first => queue.rest(),
                None => {}
            }
        }
    }

    fn finish(&self, finished: Finished<'a>) -> Result<(), Error> {
        let Finished {
            index,
            blob,
            digest,
            content,
            slots,
            later,
            flow,
        } = finished;
        self.shared.hashed(blob, index, content.as_ref(), digest);
        // A registry may take its time to put a blob together, and the next one need not wait for that.
        let is_remote = |(to, _): &Taken<'_>| self.shared.destinations.get(*to).is_some_and(|to| to.is_remote());
        let (remote, slots): (Vec<_>, Vec<_>) = slots.into_iter().partition(is_remote);
        let remote = Complete {
            blob,
            digest,
            slots: remote,
        };
        let mut again = Vec::new();
        match remote.commit_but(&mut again, self.shared) {
            Err(error) if !may_be_better(flow.as_ref(), &error) => return Err(error),
            _ => {}
        }
        // A registry is asked by who sends: each question may begin an upload there.
        let is_remote = |to: &usize| self.shared.destinations.get(*to).is_some_and(|to| to.is_remote());
        let (asked_then, later): (Vec<_>, Vec<_>) = later.into_iter().partition(is_remote);
        again.extend(asked_then);
        let missing = self.shared.slots_for_digest(index, &later, &digest, content.as_ref())?;
        // The slots are dropped and taken again: by then another worker may have brought the same blob.
        again.extend(missing.into_iter().map(|(destination, _)| destination));
        if !again.is_empty() {
            self.shared.queue.put_back(Job {
                index,
                digest: Some(digest),
                destinations: again,
                is_counted: true,
            });
        }
        if slots.is_empty() {
            return Ok(());
        }
        self.to_finisher
            .send(Complete { blob, digest, slots })
            .map_err(|_| Error::writing(std::io::Error::other("the committing thread went away")))
    }
}
