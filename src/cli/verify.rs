//! `verify`: whether all that lies somewhere is what it says.

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use serde_json::{Value, json};

use super::exit::Failure;
use super::options::{self, Format, Shared};
use super::result::print;
use super::size::{human, plural};
use super::value::Named;
use super::{progress, registries, signals};
use crate::model::verify::{Finding, Options, Report, Severity, Subject, VerifyError, repair, verify};
use crate::modelfile::escape;
use crate::registry::Cancel;
use crate::store::Location;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Verifies places, one after the other.
pub fn run(options: &options::Verify, shared: &Shared) -> Result<(), Failure> {
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
    let mut reports = Vec::new();
    let mut failures = Vec::new();
    for named in &options.references {
        let jobs = options.jobs.unwrap_or_else(|| jobs(&named.reference.location));
        let (reference, how, watcher) = (&named.reference, Options { jobs }, watcher.as_ref());
        let report = if sources.is_empty() {
            verify(reference, &client, how, watcher, &cancel)
        } else {
            repair(reference, &sources, &client, how, watcher, &cancel)
        };
        match report {
            Ok(report) => {
                if options.format == Format::Text {
                    print(&text(named, &report, options.quiet.then_some(allowed)))?;
                }
                reports.push((named, report));
            }
            Err(error) => failures.push(Failure::from(error)),
        }
        if cancel.is_cancelled() {
            break;
        }
    }
    if options.format == Format::Json {
        print(&json_document(&reports, allowed))?;
    }
    if reports.iter().any(|(_, report)| !report.is_sound(allowed)) {
        failures.push(Failure::Unsound);
    }
    Failure::of(failures)
}

const fn is_layout(named: &Named) -> bool {
    matches!(named.reference.location, Location::Layout(_))
}

/// One a core; where a network is waited for, as many as a pull has.
fn jobs(location: &Location) -> NonZeroUsize {
    const PULLED: NonZeroUsize = NonZeroUsize::new(4).unwrap();
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    if location.host().is_some() {
        cores.max(PULLED)
    } else {
        cores
    }
}

/// For people: a line a finding, and one that sums up. `quiet` leaves out what is allowed.
fn text(named: &Named, report: &Report, quiet: Option<Severity>) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        if quiet.is_none_or(|allowed| finding.severity < allowed) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{finding}");
        }
    }
    for subject in report.repaired.iter().filter(|_| quiet.is_none()) {
        let _ = writeln!(text, "repaired: {subject}");
    }
    if quiet.is_none() {
        let (artifacts, blobs) = (plural(report.artifacts, "artifact"), plural(report.blobs, "blob"));
        let (place, bytes) = (escape(&named.text), human(report.bytes));
        let _ = writeln!(text, "{place}: {artifacts}, {blobs}, {bytes}: {}", summary(report));
    }
    text
}

fn summary(report: &Report) -> String {
    let count = |severity: Severity| {
        let count = report.count(severity);
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
fn json_document(reports: &[(&Named, Report)], allowed: Severity) -> String {
    let place = |(named, report): &(&Named, Report)| {
        let count = |severity: Severity| (severity.name().to_owned(), json!(report.count(severity)));
        json!({
            "reference": named.text,
            "sound": report.is_sound(allowed),
            "artifacts": report.artifacts,
            "blobs": report.blobs,
            "bytes": report.bytes,
            "counts": Severity::ALL.into_iter().map(count).collect::<serde_json::Map<_, _>>(),
            "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "repaired": report.repaired.iter().map(subject_json).collect::<Vec<_>>(),
        })
    };
    let document = json!({
        "version": VERSION,
        "sound": reports.iter().all(|(_, report)| report.is_sound(allowed)),
        "places": reports.iter().map(place).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
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
