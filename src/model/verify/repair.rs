use std::collections::HashMap;

use super::known::Known;
use super::rule::{LAYOUT_INDEX, LAYOUT_MARKER, LAYOUT_VERSION, Rule};
use super::sources::Sources;
use super::survey::Broken;
use super::{Options, Report, Unrepaired, VerifyError, place, roots};
use crate::digest::Digest;
use crate::registry::Client;
use crate::store::house::Mending;
use crate::store::stored::{Sought, Store};
use crate::store::{Cancel, Event, Progress, Reference};

/// Verifies a layout as [`verify`](super::verify) does, and fetches what is damaged or missing from the first of the places
/// `from` that has it, its index first; then what a manifest lists that was fetched is verified too. The report is of the
/// layout as it is in the end, and says which places could not be asked, and what ended it where it cannot be written to.
///
/// # Errors
/// As those of [`verify`](super::verify); it is no layout.
pub fn repair(
    reference: &Reference,
    from: &[Reference],
    client: &Client,
    options: Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Report, VerifyError> {
    let store = Store::open(reference, client)?;
    let Some(layout) = store.directory() else {
        return Err(VerifyError::NoLayout { place: store.name() });
    };
    store.check_roots()?;
    let mut sources = Sources::open(from, client);
    let mut known = Known::default();
    let mut repaired = Vec::new();
    let mut halted = roots::mend(&store, layout, &mut sources, &mut repaired, cancel).err();
    // What no place has is not asked for again.
    let mut given_up = HashMap::new();
    loop {
        if cancel.is_cancelled()
            && let Some(error) = halted
        {
            return Err(error);
        }
        let report = place::verify(&store, reference, &mut known, options, progress, cancel)?;
        let is_new = |it: &&Broken| halted.is_none() && !given_up.contains_key(&wanted_as(it));
        let wanted: Vec<_> = report.broken.values().filter(is_new).collect();
        if wanted.is_empty() {
            let mut unrepaired = unrepaired_roots(&report, halted.is_some());
            unrepaired.extend(report.broken.values().map(|broken| Unrepaired {
                subject: broken.subject.clone(),
                ..given_up.remove(&wanted_as(broken)).unwrap_or_else(|| Unrepaired {
                    why: Some(HALTED),
                    ..Unrepaired::of(broken.subject.clone())
                })
            }));
            return Ok(Report {
                unrepaired,
                unasked: sources.unasked,
                repaired,
                halted,
                ..report
            });
        }
        progress.event(Event::Begin {
            blobs: wanted.len(),
            bytes: wanted.iter().map(|broken| broken.sought.size).sum(),
            destinations: 1,
        });
        let fetched = Mending::begin(layout).map_err(VerifyError::from).and_then(|mending| {
            wanted.into_iter().try_for_each(|broken| {
                let digest = broken.sought.digest;
                known.forget(&digest);
                let mut unrepaired = Unrepaired::of(broken.subject.clone());
                if mending.can_take(&digest) {
                    match sources.fetch(&mending, broken, progress, cancel)? {
                        Some(asked) => unrepaired.asked = asked,
                        None => repaired.push(broken.subject.clone()),
                    }
                } else {
                    unrepaired.why = Some("a directory is in its place, which has to be removed first");
                }
                // If it is not right the next time either, somebody else writes to it.
                given_up.insert(wanted_as(broken), unrepaired);
                Ok(())
            })
        });
        progress.event(Event::Ended);
        halted = fetched.err();
    }
}

/// What is said of all that was not tried any more.
const HALTED: &str = "repairing ended with an error";

/// What is not as it should be of what no digest names.
fn unrepaired_roots(report: &Report, is_halted: bool) -> Vec<Unrepaired> {
    let why = |rule: Rule| match rule {
        LAYOUT_VERSION => Some("only a layout of the version `1.0.0` is"),
        LAYOUT_MARKER | LAYOUT_INDEX if is_halted => Some(HALTED),
        LAYOUT_INDEX => Some("no place that was asked names anything that lies here"),
        _ => None,
    };
    let roots = report.findings.iter().filter_map(|finding| {
        Some(Unrepaired {
            why: Some(why(finding.rule)?),
            ..Unrepaired::of(finding.subject.clone())
        })
    });
    roots.collect()
}

/// A blob, and how large it is said to be: when what names it is whole again, it may be another size.
fn wanted_as(broken: &Broken) -> (Digest, Option<u64>) {
    let Sought { digest, size, .. } = broken.sought;
    (digest, (!broken.is_orphan).then_some(size))
}
