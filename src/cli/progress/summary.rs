//! The line that is left on standard error when all is done.

use std::path::Path;
use std::time::Duration;

use super::super::console::Console;
use super::super::options::ProgressMode;
use super::super::size::{human, plural};
use super::json;
use super::tally::Counts;
use crate::artifact::{Artifact, Role};
use crate::build::explain::Origin;
use crate::build::{Built, Output};
use crate::modelfile::escape;
use crate::plan::Plan;
use crate::store::stored::Found;
use crate::store::{Extracted, Outcome, Received, Reference, Source as _, Transferred};

/// The one line that a build leaves behind.
pub fn summary(mode: ProgressMode, plan: &Plan, outputs: &[Output], built: &Built, elapsed: Duration) {
    let bytes = built.artifact.layers.iter().map(|layer| layer.size).sum();
    match mode {
        ProgressMode::None => {}
        ProgressMode::Json => json::done(Some(&built.artifact.descriptor.digest), elapsed, built.is_up_to_date()),
        _ => {
            let stored = stored(outputs, &built.received, bytes);
            let name = escape(&plan.metadata.name);
            let seconds = elapsed.as_secs_f64();
            let holds = holds(built.artifact.layers.len(), bytes);
            // A dry run has no outputs, and of the base nothing is read in one.
            let is_dry = built.received.is_empty();
            let (done, stored) = if is_dry {
                ("hashed", of_base(built))
            } else {
                ("built", stored)
            };
            Console::line(&if built.is_up_to_date() {
                format!("`{name}` is up to date: {holds}")
            } else {
                format!("{done} `{name}` in {seconds:.2} s: {holds}{stored}")
            });
        }
    }
}

/// How many layers are the base's, which says what digests they have.
fn of_base(built: &Built) -> String {
    let is_inherited = |origin: &&Origin| matches!(origin, Origin::Inherited(_));
    match built.origins.iter().filter(is_inherited).count() {
        0 => String::new(),
        count => format!("; {count} of the base, not read"),
    }
}

/// The one line that moving an artifact leaves behind; `done` is what was done.
pub fn moved(
    mode: ProgressMode,
    done: &str,
    (from, found): (&Reference, &Found),
    outputs: &[Output],
    moved: &Transferred,
    elapsed: Duration,
) {
    let is_up_to_date = moved.received.iter().all(|received| !received.published.changed);
    if mode == ProgressMode::Json {
        return json::done(Some(&moved.artifact.descriptor.digest), elapsed, is_up_to_date);
    }
    if mode == ProgressMode::None {
        return;
    }
    let blobs = found.blobs();
    let size = blobs.iter().map(|blob| blob.size).sum();
    let all = found.held().len();
    let holds = if blobs.len() == all {
        holds(all, size)
    } else {
        format!("{} of {}", blobs.len(), holds(all, size))
    };
    let holds = format!("{}{holds}", beside(found.artifact()));
    let place = escape(&from.to_string());
    let to = match outputs {
        [output] => format!("`{}`", output.shown()),
        several => format!("{} places", several.len()),
    };
    Console::line(&if is_up_to_date {
        format!("{to} is up to date with `{place}`: {holds}")
    } else {
        let stored = stored(outputs, &moved.received, size);
        let seconds = elapsed.as_secs_f64();
        format!("{done} `{place}` to {to} in {seconds:.2} s: {holds}{stored}")
    });
}

/// What belongs to it beside its layers, where it is more than one artifact.
fn beside(artifact: &Artifact) -> String {
    let count = |role: Role| {
        artifact
            .documents
            .iter()
            .filter(|document| document.role == role)
            .count()
    };
    let counts = [(count(Role::Member), "manifest"), (count(Role::Referrer), "referrer")];
    let one = |(count, what): (usize, &str)| match count {
        0 => String::new(),
        1 => format!("1 {what}, "),
        _ => format!("{count} {what}s, "),
    };
    counts.into_iter().map(one).collect()
}

/// The one line that is left when the files of an artifact are in `directory`.
pub fn extracted(
    mode: ProgressMode,
    from: &Reference,
    directory: &Path,
    files: &[Extracted],
    moved: &Transferred,
    elapsed: Duration,
) {
    let changed = moved.received.iter().any(|received| received.published.changed);
    let count = |outcome| files.iter().filter(|file| file.outcome == outcome).count();
    match mode {
        ProgressMode::Json => json::done(Some(&moved.artifact.descriptor.digest), elapsed, !changed),
        ProgressMode::None => {}
        _ => {
            let size = files.iter().map(|file| file.size).sum();
            let holds = format!("{}, {}", plural(files.len(), "file"), human(size));
            let counted = Counts {
                written: count(Outcome::Written),
                linked: count(Outcome::Linked),
                mounted: 0,
                present: count(Outcome::Present),
            };
            let (place, directory) = (escape(&from.to_string()), escape(&directory.display().to_string()));
            let (seconds, counts) = (elapsed.as_secs_f64(), counts(&counted, None));
            Console::line(&if changed {
                format!("extracted `{place}` to `{directory}` in {seconds:.2} s: {holds}; {counts}")
            } else {
                format!("`{directory}` is up to date with `{place}`: {holds}")
            });
        }
    }
}

/// The last line of places that are sound, for machines; people have it with the result.
pub fn verified(mode: ProgressMode, elapsed: Duration, is_repaired: bool) {
    if mode == ProgressMode::Json {
        json::done(None, elapsed, !is_repaired);
    }
}

/// The one line that is left when a page is in `file`.
pub fn wrote(mode: ProgressMode, file: &Path) {
    if !matches!(mode, ProgressMode::None | ProgressMode::Json) {
        Console::line(&format!("wrote `{}`", escape(&file.display().to_string())));
    }
}

/// How many layers an artifact has, and how large they are.
fn holds(layers: usize, bytes: u64) -> String {
    format!("{}, {}", plural(layers, "layer"), human(bytes))
}

/// The one line of a build that nobody asked for at this moment: when, and why.
pub fn built(mode: ProgressMode, plan: &Plan, built: &Built, elapsed: Duration, why: &str) {
    let name = escape(&plan.metadata.name);
    let digest = built.artifact.descriptor.digest.to_string();
    // As docker shortens them; all of it stands on standard output.
    let digest = digest.get(..SHORT).unwrap_or(&digest);
    match mode {
        ProgressMode::Json => json::done(Some(&built.artifact.descriptor.digest), elapsed, built.is_up_to_date()),
        _ => stamped(mode, &format!("built `{name}` {digest}"), elapsed, why),
    }
}

/// The same of one that failed, below the reason.
pub fn failed(mode: ProgressMode, elapsed: Duration, why: &str) {
    stamped(mode, "failed", elapsed, why);
}

/// `sha256:` and twelve digits.
const SHORT: usize = 19;

fn stamped(mode: ProgressMode, what: &str, elapsed: Duration, why: &str) {
    if !matches!(mode, ProgressMode::None | ProgressMode::Json) {
        let time = jiff::Zoned::now().strftime("%H:%M:%S");
        let seconds = elapsed.as_secs_f64();
        Console::line(&format!("{time} {what} in {seconds:.2} s: {why}"));
    }
}

/// What became of the layers' blobs, at each output; `all` is the size of all of them.
fn stored(outputs: &[Output], received: &[Received], all: u64) -> String {
    let one = |output: &Output, received: &Received| {
        // What went over a network is worth a number, unless it stands in the line already.
        let is_new = output.address().is_some() && received.bytes != all;
        counts(&Counts::from(received), is_new.then_some(received.bytes))
    };
    let several = received.len() > 1;
    let at = |(output, received): (&Output, &Received)| {
        let one = one(output, received);
        // A pull of no layers has nothing to count.
        if one.is_empty() {
            String::new()
        } else if several {
            format!("; `{}`: {one}", output.shown())
        } else {
            format!("; {one}")
        }
    };
    outputs.iter().zip(received).map(at).collect()
}

/// `2 written (180 MB), 1 there already`.
pub fn counts(counts: &Counts, written: Option<u64>) -> String {
    let counts = [
        (counts.written, Outcome::Written),
        (counts.linked, Outcome::Linked),
        (counts.mounted, Outcome::Mounted),
        (counts.present, Outcome::Present),
    ];
    let one = |(count, outcome): (usize, Outcome)| {
        let what = word(outcome);
        match written.filter(|_| outcome == Outcome::Written) {
            Some(bytes) => format!("{count} {what} ({})", human(bytes)),
            None => format!("{count} {what}"),
        }
    };
    let counts = counts.into_iter().filter(|(count, _)| *count > 0).map(one);
    counts.collect::<Vec<_>>().join(", ")
}

/// What became of a layer.
pub const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Written => "written",
        Outcome::Linked => "linked",
        Outcome::Mounted => "mounted",
        Outcome::Present => "there already",
    }
}

impl From<&Received> for Counts {
    fn from(received: &Received) -> Self {
        Self {
            written: received.written,
            linked: received.linked,
            mounted: received.mounted,
            present: received.present,
        }
    }
}
