//! The engine: moves an artifact from a source to any number of destinations.
//!
//! Blobs of at least [`queue::LARGE`] bytes are taken largest first by `jobs` workers, each of which hashes two of them
//! side by side; smaller ones are read whole, by more threads than there are cores, because on a cold disk they wait
//! for it most of the time. A blob is hashed while it is copied, unless a destination may hold it already: then it is
//! hashed first and copied only where it is missing. Memory depends on the number of jobs alone.

mod alike;
mod feed;
mod file_intake;
mod finisher;
mod flow_intake;
mod flusher;
mod intake;
mod lane;
mod queue;
mod shared;
mod slots;
mod small;
mod stretches;
mod window;
mod worker;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

pub use queue::LARGE;

use shared::Shared;

use super::{Cancel, Destination, Error, Event, Needs, Offer, Outcome, Progress, Published, Source, Unlinked};
use crate::artifact::Artifact;
use crate::digest::{Digest, Hasher};

/// How to move.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many files are hashed by a core of their own at a time.
    pub jobs: NonZeroUsize,
}

impl Default for Options {
    /// As the commands that move artifacts have it: four, for who waits for a network is quicker with several blobs at a
    /// time, however few cores there are.
    fn default() -> Self {
        Self {
            jobs: NonZeroUsize::MIN.saturating_add(3),
        }
    }
}

/// What a destination got.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// How many layer blobs were written.
    pub written: usize,
    /// How many were there already, or equal another layer's.
    pub present: usize,
    /// How many are hard links to their source file.
    pub linked: usize,
    /// How many were taken over from another place at the destination.
    pub mounted: usize,
    /// Bytes of the blobs that were written.
    pub bytes: u64,
    /// Of those, how many were to be links, and why they are none.
    pub unlinked: BTreeMap<Unlinked, usize>,
    /// What publishing did.
    pub published: Published,
}

impl Received {
    fn count(&mut self, outcome: Outcome, size: u64) {
        match outcome {
            Outcome::Written => {
                self.written += 1;
                self.bytes += size;
            }
            Outcome::Present => self.present += 1,
            Outcome::Linked => self.linked += 1,
            Outcome::Mounted => self.mounted += 1,
        }
    }
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transferred {
    /// The artifact.
    pub artifact: Artifact,
    /// What each destination got, in their order.
    pub received: Vec<Received>,
}

/// Moves the artifact of `source` to all of `destinations`, and makes it visible there under their names.
///
/// Without a destination it only finds out the digests.
///
/// # Errors
/// The first thing that failed. What was published before stays; everything else is as it was.
pub fn transfer(
    source: &dyn Source,
    destinations: &mut [Box<dyn Destination>],
    options: Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Transferred, Error> {
    let result = run(source, destinations, options, progress, cancel);
    if result.is_err() {
        // One that has published, or has not begun, has nothing to take back.
        // In reverse: one may have made the directory that a later one found.
        for destination in destinations.iter_mut().rev() {
            destination.abort();
        }
    }
    progress.event(Event::Ended);
    result
}

fn run(
    source: &dyn Source,
    destinations: &mut [Box<dyn Destination>],
    options: Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Transferred, Error> {
    // Of the parts of a transfer each ends all the others by its failure, and nobody else.
    let stop = cancel.child();
    let known: Option<Vec<_>> = source.blobs().iter().map(|blob| blob.digest).collect();
    let known = known.map(|digests| source.assemble(&digests)).transpose()?;
    for destination in &mut *destinations {
        destination.begin(source.blobs(), known.as_ref(), &stop)?;
    }
    let mut shared = Shared::new(source, destinations, progress, cancel, stop.clone());
    progress.event(Event::Begin {
        blobs: source.blobs().len(),
        bytes: shared.bytes_to_read(),
        destinations: shared.destinations.len(),
    });
    shared.sort_out(options);
    worker::run(&shared)?;
    let (digests, mut received) = shared.into_results()?;
    // Before anything goes where nothing can be taken back.
    let artifact = known.map_or_else(|| source.assemble(&digests), Ok)?;
    for (index, destination) in destinations.iter().enumerate() {
        if destination.needs() == Needs::DigestsInOrder
            && let Some(received) = received.get_mut(index)
        {
            stream(source, destination.as_ref(), &digests, received, progress, cancel)?;
        }
    }
    source.verify_unopened()?;
    if cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    progress.event(Event::Publishing);
    for destination in &mut *destinations {
        destination.seal(&artifact)?;
    }
    for (destination, received) in destinations.iter_mut().zip(&mut received) {
        received.published = destination.publish(&artifact)?;
    }
    Ok(Transferred { artifact, received })
}

/// Finds out the digests of the blobs of `source`, which go nowhere. Only where one is known already, it is believed.
///
/// # Errors
/// The first thing that failed.
pub fn digests(
    source: &dyn Source,
    options: Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Vec<Digest>, Error> {
    let mut shared = Shared::new(source, &[], progress, cancel, cancel.child());
    progress.event(Event::Begin {
        blobs: source.blobs().len(),
        bytes: shared.bytes_to_read(),
        destinations: 0,
    });
    shared.sort_out(options);
    let done = worker::run(&shared);
    progress.event(Event::Ended);
    done?;
    shared.into_results().map(|(digests, _)| digests)
}

/// Moves one blob after the other, all digests being known.
fn stream(
    source: &dyn Source,
    destination: &dyn Destination,
    digests: &[Digest],
    received: &mut Received,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<(), Error> {
    let name = destination.name();
    let mut buffer = vec![0; 1 << 20];
    for (index, (blob, digest)) in source.blobs().iter().zip(digests).enumerate() {
        let (outcome, from) = match destination.slot(index, blob.size, Some(digest))? {
            Offer::Has(outcome) => {
                progress.event(Event::Spared { size: blob.size });
                (outcome, None)
            }
            Offer::Mounted(from) => {
                progress.event(Event::Spared { size: blob.size });
                (Outcome::Mounted, Some(from))
            }
            Offer::Slot(slot) => {
                progress.event(Event::Started {
                    name: &blob.name,
                    size: blob.size,
                });
                let mut intake = intake::Intake::new(source.open(index, cancel)?, vec![slot], true, None)?;
                let mut hasher = Hasher::new();
                loop {
                    if cancel.is_cancelled() {
                        return Err(Error::Interrupted);
                    }
                    let read = intake.read(&mut buffer)?;
                    if read == 0 {
                        break;
                    }
                    hasher.update(buffer.get(..read).unwrap_or_default());
                    progress.event(Event::Advanced {
                        name: &blob.name,
                        bytes: read as u64,
                    });
                }
                let (content, slots) = intake.finish()?;
                shared::check(&blob.name, Some(*digest), hasher.finish())?;
                if let Some(content) = content {
                    source.hashed(index, &content, digest);
                }
                slots.into_iter().try_for_each(|slot| slot.commit(digest).map(drop))?;
                (Outcome::Written, None)
            }
        };
        received.count(outcome, blob.size);
        progress.event(Event::Stored {
            name: &blob.name,
            destination: &name,
            size: blob.size,
            outcome,
            from,
        });
    }
    Ok(())
}
