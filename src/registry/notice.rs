use std::time::Duration;

use super::Doing;

/// Something that happened between us and a registry that somebody who waits wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A request failed in a way that may pass, and is made again.
    Retry {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// What went wrong.
        why: String,
        /// How long it waits before it does so.
        after: Duration,
        /// Whether the registry is asked as a mirror of another one.
        is_mirror: bool,
    },
    /// A mirror is not asked again: nobody reaches it.
    GivenUp {
        /// The mirror's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// What went wrong.
        why: String,
    },
    /// An upload or a download goes on where an earlier one ended.
    Resumed {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// How many bytes need not be moved again.
        at: u64,
    },
    /// An upload had to begin again, because the registry has lost what it had been sent, or does not say what it has of it.
    Restarted {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// How many bytes were lost; 0 where it has nothing of what an earlier run began to send, and nobody knows how much
        /// that was; `None` where it could not be asked.
        lost: Option<u64>,
    },
    /// None of the layers could be taken over from another repository of the registry: they are sent.
    Unmounted {
        /// The registry's host.
        host: String,
        /// The other repository.
        from: String,
        /// How the registry answered, or why it did not.
        why: String,
    },
    /// The registry takes no chunks of a blob: it gets each in one request from now on.
    SinglePut {
        /// The registry's host.
        host: String,
        /// What was being done.
        doing: Doing,
        /// What it answered to a chunk.
        why: String,
    },
}

/// Somebody who is told. Called from many threads at once, and must be quick.
pub trait Observer: Send + Sync {
    /// Takes note of `notice`.
    fn notice(&self, notice: &Notice);

    /// So many `bytes` of a `layer`, which were counted when they were read, have to be sent again, or for the first time
    /// only now.
    fn owed(&self, _layer: &str, _bytes: u64) {}

    /// So many of these `bytes` are on their way.
    fn made_good(&self, _layer: &str, _bytes: u64) {}
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn notice(&self, _: &Notice) {}
}
