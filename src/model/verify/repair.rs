use std::collections::HashMap;

use super::known::Known;
use super::sources::Sources;
use super::survey::Broken;
use super::{Options, Report, Unrepaired, VerifyError, place, roots};
use crate::digest::Digest;
use crate::registry::Client;
use crate::store::house::Mending;
use crate::store::stored::{Flaw, Sought, Store};
use crate::store::{Cancel, Event, Progress, Reference};

/// Verifies a layout as [`verify`](super::verify) does, and fetches what is damaged or missing from the first of the places
/// `from` that has it, its index first; then what a manifest lists that was fetched is verified too. The report is of the
/// layout as it is in the end, and says which places could not be asked.
///
/// # Errors
/// As those of [`verify`](super::verify); it is no layout, or it cannot be written to.
pub fn repair(
    reference: &Reference,
    from: &[Reference],
    client: &Client,
    options: Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Report, VerifyError> {
    let store = Store::open(&reference.location, client)?;
    let Some(layout) = store.directory() else {
        return Err(VerifyError::NoLayout { place: store.name() });
    };
    let mut sources = Sources::open(from, client);
    let mut known = Known::default();
    let mut repaired = roots::mend(&store, layout, &mut sources, cancel)?;
    // What no place has is not asked for again.
    let mut given_up = HashMap::new();
    loop {
        let report = place::verify(&store, reference, &mut known, options, progress, cancel)?;
        let is_new = |it: &&Broken| !given_up.contains_key(&wanted_as(it));
        let wanted: Vec<_> = report.broken.values().filter(is_new).collect();
        if wanted.is_empty() {
            let left = report.broken.values();
            let unrepaired = left.map(|broken| Unrepaired {
                subject: broken.subject.clone(),
                asked: given_up.remove(&wanted_as(broken)).unwrap_or_default(),
            });
            return Ok(Report {
                unrepaired: unrepaired.collect(),
                unasked: sources.unasked,
                repaired,
                ..report
            });
        }
        let mending = Mending::begin(layout)?;
        progress.event(Event::Begin {
            blobs: wanted.len(),
            bytes: wanted.iter().map(|broken| broken.sought.size).sum(),
            destinations: 1,
        });
        let fetched = wanted.into_iter().try_for_each(|broken| {
            let digest = broken.sought.digest;
            known.forget(&digest);
            let asked = if mending.can_take(&digest) {
                sources.fetch(&mending, broken, progress, cancel)?
            } else {
                Some(vec![(store.name(), Flaw::NoFile)])
            };
            // If it is not right the next time either, somebody else writes to it.
            given_up.insert(wanted_as(broken), asked.clone().unwrap_or_default());
            repaired.extend(asked.is_none().then(|| broken.subject.clone()));
            Ok::<_, VerifyError>(())
        });
        progress.event(Event::Ended);
        fetched?;
    }
}

/// A blob, and how large it is said to be: when what names it is whole again, it may be another size.
fn wanted_as(broken: &Broken) -> (Digest, Option<u64>) {
    let Sought { digest, size, .. } = broken.sought;
    (digest, (!broken.is_orphan).then_some(size))
}
