//! Which destination takes which blob, and how: by its bytes, as a link, or from another one.

use std::collections::HashSet;

use super::queue::Job;
use super::shared::Shared;
use crate::digest::Digest;
use crate::store::{Blob, Content, Error, Linking, Offer, Outcome, Slot};

/// A place for a blob, and the index of the destination that gave it.
pub type Taken<'a> = (usize, Box<dyn Slot + 'a>);

impl<'a> Shared<'a> {
    /// Places for a blob whose digest is not known, where it surely is not yet; and the destinations that can only say
    /// when it is.
    pub fn slots_before_digest(&self, job: &Job, blob: &Blob) -> Result<(Vec<Taken<'a>>, Vec<usize>), Error> {
        let (mut slots, mut later) = (Vec::new(), Vec::new());
        for &index in &job.destinations {
            let Some(&destination) = self.destinations.get(index) else {
                continue;
            };
            if destination.may_hold(blob.size) || destination.is_remote() && self.alike.contains(&job.index) {
                later.push(index);
            } else {
                match destination.slot(job.index, blob.size, None)? {
                    Offer::Slot(slot) => slots.push((index, slot)),
                    Offer::Has(outcome) => self.stored(blob, index, outcome),
                    Offer::Mounted(from) => self.mounted(blob, index, from),
                }
            }
        }
        Ok((slots, later))
    }

    /// Places for a blob whose digest is known, at those of `destinations` that do not hold it. `content` is given
    /// where it has just been read, so that it may be linked.
    pub fn slots_for_digest(
        &self,
        index: usize,
        destinations: &[usize],
        digest: &Digest,
        content: Option<&Content>,
    ) -> Result<Vec<Taken<'a>>, Error> {
        let blob = self.blob(index)?;
        let is_carrier = self.is_carrier(index, digest);
        let mut slots = Vec::new();
        for &to in destinations {
            let Some(&destination) = self.destinations.get(to) else {
                continue;
            };
            if destination.is_remote() && !is_carrier {
                self.stored(blob, to, Outcome::Present);
                continue;
            }
            match destination.slot(index, blob.size, Some(digest))? {
                Offer::Has(outcome) => self.stored(blob, to, outcome),
                Offer::Mounted(from) => self.mounted(blob, to, from),
                Offer::Slot(slot) => slots.push((to, slot)),
            }
        }
        match content {
            Some(content) => self.link(blob, slots, content, digest),
            None => Ok(slots),
        }
    }

    /// Whether a blob is the one of all with its digest that goes to the registries: the first that was asked for. Where
    /// there are several it goes to each of them, so that no other one is sent while it is still on its way to one.
    fn is_carrier(&self, index: usize, digest: &Digest) -> bool {
        self.with_state(|state| *state.carriers.entry(*digest).or_insert(index) == index)
    }

    /// Parts destinations into those that a blob is sent to, and those that can take it over from one of them afterwards:
    /// of those in one registry all but the first.
    pub fn first_of_each(&self, destinations: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut registries = HashSet::new();
        destinations.iter().partition(|to| {
            let registry = self.destinations.get(**to).and_then(|to| to.registry());
            registry.is_none_or(|registry| registries.insert(registry))
        })
    }

    /// Whether the bytes of a blob need not be hashed here: its digest is known, and all that take it hash it themselves.
    pub fn is_verified_elsewhere(&self, job: &Job, taken: &[Taken<'_>], later: &[usize]) -> bool {
        let verifies = |to: &usize| self.destinations.get(*to).is_some_and(|to| to.verifies());
        job.digest.is_some()
            && later.is_empty()
            && !self.source.is_claimed(job.index)
            && taken.iter().all(|(to, _)| verifies(to))
    }

    /// Links a blob that was read where the destination can do so; returns the other slots.
    pub fn link(
        &self,
        blob: &Blob,
        slots: Vec<Taken<'a>>,
        content: &Content,
        digest: &Digest,
    ) -> Result<Vec<Taken<'a>>, Error> {
        let mut rest = Vec::new();
        for (to, slot) in slots {
            match self.destinations.get(to) {
                Some(destination) if destination.link(content, digest)? => self.stored(blob, to, Outcome::Linked),
                Some(destination) => {
                    self.copied(to, destination.linking(content)?);
                    rest.push((to, slot));
                }
                None => rest.push((to, slot)),
            }
        }
        Ok(rest)
    }

    /// Notes that a destination gets a copy of a blob, where it was to have links.
    fn copied(&self, destination: usize, linking: Linking) {
        if let Linking::Not(why) = linking {
            self.with_state(|state| {
                if let Some(received) = state.received.get_mut(destination) {
                    *received.unlinked.entry(why).or_default() += 1;
                }
            });
        }
    }

    /// Parts the slots of a blob whose digest is known from the destinations that will link it instead, once it is read.
    pub fn slots_and_linking(
        &self,
        slots: Vec<Taken<'a>>,
        content: &Content,
    ) -> Result<(Vec<Taken<'a>>, Vec<usize>), Error> {
        let (mut rest, mut linking) = (Vec::new(), Vec::new());
        for (to, slot) in slots {
            match self.destinations.get(to) {
                Some(destination) => match destination.linking(content)? {
                    Linking::Possible => linking.push(to),
                    copied => {
                        self.copied(to, copied);
                        rest.push((to, slot));
                    }
                },
                None => rest.push((to, slot)),
            }
        }
        Ok((rest, linking))
    }
}
