//! Whether a place holds what it says, and whether that is what readers of models take.
//!
//! Enters: a reference to a layout, a tarball or a registry, each as damaged as it may be. Leaves: a [`Report`] of all
//! that is wrong, not only of the first thing. Every byte that a digest names is read and hashed, now: neither the digest
//! cache nor anything else that an earlier run found out is believed. Nothing is changed, but by [`repair()`].

mod archive_manifest;
mod artifact;
mod config;
mod document;
mod file;
mod finding;
mod flaw;
mod known;
mod paths;
mod place;
mod readers;
mod repair;
mod report;
mod roots;
mod rule;
mod shape;
mod sources;
mod survey;
mod tags;

use std::num::NonZeroUsize;

pub use finding::{Finding, Subject};
use known::Known;
pub use repair::repair;
pub use report::{Report, Unasked, Unrepaired};
pub use rule::{RULES, Rule, Severity};

use crate::registry::Client;
use crate::store::house::MendError;
use crate::store::stored::{OpenError, Store};
use crate::store::{self, Cancel, Error, Location, Progress, Reference};

/// How to verify.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many blobs are read at a time, each by a core of its own.
    pub jobs: NonZeroUsize,
}

impl Default for Options {
    /// One job a core.
    fn default() -> Self {
        Self {
            jobs: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

impl Options {
    /// As `modelbuild verify` has it for a place: one job a core, and where a network is waited for, at least as many as a
    /// pull has.
    #[must_use]
    pub fn of(location: &Location) -> Self {
        let Self { jobs } = Self::default();
        match location {
            Location::Layout(_) | Location::Archive(_) | Location::File(_) => Self { jobs },
            Location::Registry(_) => Self {
                jobs: jobs.max(store::Options::default().jobs),
            },
        }
    }
}

/// Why nothing can be said of a place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// There is no such place, or it cannot be asked.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Blobs cannot be read, for a reason that is none of theirs.
    #[error(transparent)]
    Store(#[from] Error),
    /// Only layouts are repaired where they are.
    #[error("`{place}` is not repaired: only a layout is, where it is")]
    NoLayout {
        /// What it is called.
        place: String,
    },
}

impl From<MendError> for VerifyError {
    fn from(error: MendError) -> Self {
        match error {
            MendError::Source(error) => Self::Open(error),
            MendError::Move(error) => Self::Store(error),
        }
    }
}

/// Verifies the artifacts that `reference` names: without a tag or a digest all that a layout or a tarball holds, of an
/// index all that it lists.
///
/// # Errors
/// Nothing can be said: there is no such place, a registry cannot be asked, or `cancel` stopped it.
pub fn verify(
    reference: &Reference,
    client: &Client,
    options: Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Report, VerifyError> {
    match Store::open(reference, client) {
        Ok(store) => place::verify(&store, reference, &mut Known::default(), options, progress, cancel),
        // A tar that is cut off holds its index no more: nothing else can be said of it.
        Err(OpenError::Damaged { what, .. }) => Ok(Report::of_broken_archive(what)),
        Err(error) => Err(error.into()),
    }
}
