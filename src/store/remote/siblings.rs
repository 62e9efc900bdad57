use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::digest::Digest;
use crate::registry::{Called, Error, Mounted, Repository, Session};

/// After so many mounts that failed one after the other, none is tried from that sibling any more: each costs a request
/// or two. More than go at a time, which all fail when the registry does for a moment.
const MOST_FAILED: u32 = 16;

/// Other repositories of the registry, from which blobs may be taken over.
#[derive(Debug, Default)]
pub struct Siblings(Vec<Sibling>);

/// One of them.
#[derive(Debug)]
struct Sibling {
    name: String,
    /// Whether somebody counts on what it has, and is told where that comes to nothing.
    is_named: bool,
    state: Mutex<State>,
}

/// What has come of it.
#[derive(Debug, Default)]
struct State {
    /// How many mounts have failed since one has not.
    failed: u32,
    has_given: bool,
    /// Why a blob that was looked for there is sent.
    missed: Option<String>,
    /// Whether that may be for another reason than that it has no such blob.
    was_refused: bool,
    is_told: bool,
}

impl Siblings {
    /// Those that somebody has `named`, and those that get the same at the same time.
    pub fn new(named: Vec<String>, beside: Vec<String>) -> Self {
        let named = named.into_iter().map(|name| (name, true));
        let all = named.chain(beside.into_iter().map(|name| (name, false)));
        let mut siblings: Vec<Sibling> = Vec::new();
        for (name, is_named) in all {
            if siblings.iter().all(|sibling| sibling.name != name) {
                let state = Mutex::default();
                siblings.push(Sibling { name, is_named, state });
            }
        }
        Self(siblings)
    }

    /// The same without `repository` itself.
    pub fn of(mut self, repository: &Repository) -> Self {
        self.0.retain(|sibling| sibling.name != repository.name());
        self
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the blob over from one that has it, and says from which. Otherwise it may be that an upload was begun.
    pub fn mount(
        &self,
        repository: &Repository,
        digest: &Digest,
        size: u64,
        called: &Called,
    ) -> Result<(Option<&str>, Option<Session>), Error> {
        let mut begun: Option<Session> = None;
        let mut missed = Vec::new();
        for sibling in self.0.iter().filter(|sibling| !sibling.is_given_up()) {
            match repository.mount(digest, size, called, &sibling.name)? {
                Mounted::Done => {
                    sibling.state().give();
                    if let Some(begun) = begun {
                        begun.cancel(repository);
                    }
                    return Ok((Some(&sibling.name), None));
                }
                Mounted::Not { begun: session, why } => {
                    sibling.state().failed = 0;
                    missed.push((sibling, why, false));
                    match session {
                        // One is enough.
                        Some(session) if begun.is_some() => session.cancel(repository),
                        session => begun = session.or(begun),
                    }
                }
                Mounted::Failed { why } => {
                    sibling.state().failed += 1;
                    missed.push((sibling, why, true));
                }
                Mounted::Never { why } => {
                    sibling.state().failed = MOST_FAILED;
                    missed.push((sibling, why, true));
                }
            }
        }
        for (sibling, why, is_refusal) in missed {
            sibling.state().miss(why, is_refusal);
            // The sooner it is known, the less is sent for nothing.
            if sibling.is_given_up() {
                sibling.tell(repository);
            }
        }
        Ok((None, begun))
    }

    /// Tells of those that have given nothing. One that merely has no such blobs is nothing to speak of where the
    /// repository `has_some` already, which may once have come from there.
    pub fn tell(&self, repository: &Repository, has_some: bool) {
        for sibling in &self.0 {
            if !has_some || sibling.state().was_refused {
                sibling.tell(repository);
            }
        }
    }
}

impl Sibling {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_given_up(&self) -> bool {
        self.state().failed >= MOST_FAILED
    }

    /// Tells, once, that it has given nothing, where that is so.
    fn tell(&self, repository: &Repository) {
        let mut state = self.state();
        if !self.is_named || state.has_given || state.is_told {
            return;
        }
        if let Some(why) = &state.missed {
            repository.tell_unmounted(&self.name, why);
            state.is_told = true;
        }
    }
}

impl State {
    const fn give(&mut self) {
        self.failed = 0;
        self.has_given = true;
    }

    /// What is said of it is the first reason, or the first that says more than that nothing is there.
    fn miss(&mut self, why: String, is_refusal: bool) {
        if self.missed.is_none() || is_refusal && !self.was_refused {
            self.missed = Some(why);
        }
        self.was_refused |= is_refusal;
    }
}
