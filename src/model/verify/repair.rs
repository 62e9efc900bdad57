use std::collections::HashSet;

use super::known::Known;
use super::survey::Broken;
use super::{Options, Report, VerifyError, place, roots};
use crate::digest::Digest;
use crate::registry::Client;
use crate::store::house::{MendError, Mending};
use crate::store::stored::{OpenError, Sought, Store};
use crate::store::{Cancel, Event, Progress, Reference};

/// Verifies a layout as [`verify`](super::verify) does, and fetches what is damaged or missing from the first of the places
/// `from` that has it, its index first; then what a manifest lists that was fetched is verified too. The report is of the layout as it is
/// in the end.
///
/// # Errors
/// As those of [`verify`](super::verify); it is no layout, it cannot be written to, or a place cannot be asked.
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
    let sources = from.iter().map(|from| Ok((from, Store::open(&from.location, client)?)));
    let sources = sources.collect::<Result<Vec<_>, OpenError>>()?;
    let mut known = Known::default();
    let mut repaired = roots::mend(&store, layout, &sources)?;
    // What no place has is not asked for again.
    let mut given_up = HashSet::new();
    loop {
        let report = place::verify(&store, reference, &mut known, options, progress, cancel)?;
        let wanted: Vec<_> = report
            .broken
            .values()
            .filter(|it| !given_up.contains(&wanted_as(it)))
            .collect();
        if wanted.is_empty() {
            return Ok(Report { repaired, ..report });
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
            // If it is not right the next time either, somebody else writes to it.
            given_up.insert(wanted_as(broken));
            for (_, source) in &sources {
                let mut sought = broken.sought.clone();
                if broken.is_orphan {
                    sought.size = source.size(&digest).unwrap_or(sought.size);
                }
                if mending
                    .fetch(source, &sought, broken.is_manifest, progress, cancel)?
                    .is_ok()
                {
                    repaired.push(broken.subject.clone());
                    break;
                }
            }
            Ok::<_, MendError>(())
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
