//! `verify`: whether all that lies somewhere is what it says.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use super::exit::Failure;
use super::options::{self, Format, Shared};
use super::result::print;
use super::size::{human, plural};
use super::value::Named;
use super::{progress, registries, signals};
use crate::model::verify::{
    Finding, Options, Report, Severity, Subject, Unasked, Unrepaired, VerifyError, repair, verify,
};
use crate::modelfile::escape;
use crate::registry::Cancel;
use crate::store::Location;
use crate::store::stored::Flaw;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Verifies places, one after the other.
pub fn run(options: &options::Verify, shared: &Shared) -> Result<(), Failure> {
    let started = Instant::now();
    let cancel = Cancel::default();
    let watcher = progress::watcher(shared.progress, options.quiet);
    let cannot = options.references.iter().find(|named| !is_layout(named));
    if let Some(named) = cannot.filter(|_| !options.repair.is_empty()) {
        let place = named.text.clone();
        return Err(VerifyError::NoLayout { place }.into());
    }
    let hosts = options.references.iter().chain(&options.repair);
    let hosts: Vec<_> = hosts.filter_map(|named| named.reference.location.host()).collect();
    // Before somebody listens for Ctrl-C, which just ends it all while a password is typed.
    let client = registries::with_options(&options.registry, &hosts, shared, watcher.clone(), &cancel)?;
    signals::watch(&cancel, || {})?;
    let allowed = if options.strict {
        Severity::Note
    } else {
        Severity::Warning
    };
    let sources: Vec<_> = options.repair.iter().map(|named| named.reference.clone()).collect();
    let mut places = Vec::new();
    for named in &options.references {
        let (reference, watcher) = (&named.reference, watcher.as_ref());
        let usual = || Options::of(&reference.location);
        let how = options.jobs.map_or_else(usual, |jobs| Options { jobs });
        let report = if sources.is_empty() {
            verify(reference, &client, how, watcher, &cancel)
        } else {
            repair(reference, &sources, &client, how, watcher, &cancel)
        };
        if let Ok(report) = &report
            && options.format == Format::Text
        {
            print(&text(named, report, options.quiet.then_some(allowed)))?;
        }
        places.push((named, report));
        if cancel.is_cancelled() {
            break;
        }
    }
    if options.format == Format::Json {
        print(&json_document(&places, allowed))?;
    }
    let (mut failures, mut is_sound) = (Vec::new(), true);
    let repaired = |(_, report): &(_, Result<Report, _>)| report.as_ref().is_ok_and(|it| !it.repaired.is_empty());
    let is_repaired = places.iter().any(repaired);
    for (_, mut report) in places {
        if let Ok(report) = &mut report {
            failures.extend(report.halted.take().map(Failure::from));
        }
        match report {
            Ok(report) if report.is_sound(allowed) => {}
            Ok(report) => {
                is_sound = false;
                failures.extend(report.unasked.into_iter().map(|unasked| unasked.error.into()));
            }
            Err(error) => failures.push(error.into()),
        }
    }
    if !is_sound {
        failures.push(Failure::Unsound);
    } else if failures.is_empty() && !options.quiet {
        progress::verified(shared.progress, started.elapsed(), is_repaired);
    }
    Failure::of(failures)
}

const fn is_layout(named: &Named) -> bool {
    matches!(named.reference.location, Location::Layout(_))
}

/// For people: a line a finding, and one that sums up. `quiet` leaves out what is allowed.
fn text(named: &Named, report: &Report, quiet: Option<Severity>) -> String {
    let mut text = String::new();
    // Two artifacts that share a blob share what is wrong with it.
    let mut said = HashSet::new();
    for finding in &report.findings {
        if !said.insert(finding.to_string()) {
            continue;
        }
        if quiet.is_none_or(|allowed| finding.severity < allowed) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{finding}");
        }
    }
    for subject in report.repaired.iter().filter(|_| quiet.is_none()) {
        let _ = writeln!(text, "repaired: {subject}");
    }
    for Unrepaired { subject, asked, why } in report.unrepaired.iter().filter(|_| quiet.is_none()) {
        let asked = asked
            .iter()
            .map(|(place, flaw)| format!("in `{}` it {flaw}", escape(place)));
        let asked: Vec<_> = asked.collect();
        let whose = match why {
            Some(why) => (*why).to_owned(),
            None if asked.is_empty() => "no place could be asked for it".to_owned(),
            None => asked.join(", "),
        };
        let _ = writeln!(text, "not repaired: {subject}: {whose}");
    }
    for Unasked { place, error } in report.unasked.iter().filter(|_| quiet.is_none()) {
        let _ = writeln!(text, "not asked: `{}`: {error}", escape(place));
    }
    if quiet.is_none() {
        let (artifacts, blobs) = (plural(report.artifacts, "artifact"), plural(report.blobs, "blob"));
        let (place, bytes) = (escape(&named.text), human(report.bytes));
        let _ = writeln!(text, "{place}: {artifacts}, {blobs}, {bytes}: {}", summary(report));
        if let Some(help) = help(report, &place).filter(|_| is_layout(named)) {
            let _ = writeln!(text, "  = help: {help}");
        }
    }
    text
}

/// What to do about what is damaged in a layout, where there is something to say.
fn help(report: &Report, place: &str) -> Option<String> {
    let is_lost = |unrepaired: &Unrepaired| unrepaired.why.is_none();
    if report.unrepaired.iter().any(is_lost) {
        Some("repair it from a place that has it whole, or build or copy it to another directory".to_owned())
    } else if !report.unrepaired.is_empty() {
        None
    } else if report.is_mendable() {
        Some(format!(
            "`modelbuild verify {place} --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole"
        ))
    } else if report.is_littered() {
        Some(format!("`modelbuild prune {place}` removes what nothing refers to"))
    } else {
        None
    }
}

/// How much is wrong: what several artifacts share counts once.
fn summary(report: &Report) -> String {
    let count = |severity: Severity| {
        let found = report.findings.iter().filter(|finding| finding.severity == severity);
        let count = if severity == Severity::Damage {
            // What is damaged in two ways is one thing, too.
            let damaged = |finding: &Finding| match finding.subject.digest {
                Some(digest) => digest.to_string(),
                None => finding.subject.name.clone(),
            };
            found.map(damaged).collect::<HashSet<_>>().len()
        } else {
            found.map(ToString::to_string).collect::<HashSet<_>>().len()
        };
        match severity {
            Severity::Damage => (count, format!("{count} damaged")),
            severity => (count, plural(count, severity.name())),
        }
    };
    let counts = Severity::ALL.into_iter().map(count).filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(_, text)| text).collect();
    if counts.is_empty() {
        "all is well".to_owned()
    } else {
        counts.join(", ")
    }
}

/// For machines (docs/output.md).
fn json_document(places: &[(&Named, Result<Report, VerifyError>)], allowed: Severity) -> String {
    let is_sound = |report: &Result<Report, VerifyError>| report.as_ref().is_ok_and(|report| report.is_sound(allowed));
    let nothing = Report::default();
    let place = |(named, verified): &(&Named, Result<Report, VerifyError>)| {
        let report = verified.as_ref().unwrap_or(&nothing);
        let count = |severity: Severity| (severity.name().to_owned(), json!(report.count(severity)));
        json!({
            "reference": named.text,
            "sound": is_sound(verified),
            "error": verified.as_ref().err().map(ToString::to_string),
            "artifacts": report.artifacts,
            "blobs": report.blobs,
            "bytes": report.bytes,
            "counts": Severity::ALL.into_iter().map(count).collect::<serde_json::Map<_, _>>(),
            "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "repaired": report.repaired.iter().map(subject_json).collect::<Vec<_>>(),
            "unrepaired": report.unrepaired.iter().map(unrepaired_json).collect::<Vec<_>>(),
            "unasked": report.unasked.iter().map(unasked_json).collect::<Vec<_>>(),
            "halted": report.halted.as_ref().map(ToString::to_string),
        })
    };
    let document = json!({
        "version": VERSION,
        "sound": places.iter().all(|(_, report)| is_sound(report)),
        "places": places.iter().map(place).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn unrepaired_json(unrepaired: &Unrepaired) -> Value {
    let asked = |(place, flaw): &(String, Flaw)| json!({"place": place, "message": flaw.to_string()});
    json!({
        "subject": subject_json(&unrepaired.subject),
        "asked": unrepaired.asked.iter().map(asked).collect::<Vec<_>>(),
        "why": unrepaired.why,
    })
}

fn unasked_json(unasked: &Unasked) -> Value {
    json!({"place": unasked.place, "message": unasked.error.to_string()})
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "severity": finding.severity.name(),
        "code": finding.rule.code,
        "subject": subject_json(&finding.subject),
        "message": finding.message,
        "help": finding.rule.help,
    })
}

fn subject_json(subject: &Subject) -> Value {
    json!({
        "name": subject.name,
        "digest": subject.digest,
        "artifact": subject.artifact,
    })
}
