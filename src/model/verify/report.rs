use std::collections::BTreeMap;

use super::VerifyError;
use super::finding::{Finding, Subject};
use super::rule::{ARCHIVE, LAYOUT_INDEX, LAYOUT_MARKER, Severity};
use super::survey::Broken;
use crate::digest::Digest;
use crate::store::stored::Flaw;

/// What verifying a place has shown.
#[derive(Debug, Default)]
pub struct Report {
    /// How many manifests were checked.
    pub artifacts: usize,
    /// How many blobs, documents among them.
    pub blobs: usize,
    /// Bytes that were read and hashed.
    pub bytes: u64,
    /// All that is wrong, the worst first; in the order of the manifests where it is equally bad.
    pub findings: Vec<Finding>,
    /// What was repaired.
    pub repaired: Vec<Subject>,
    /// What was not repaired, for want of a place that has it whole.
    pub unrepaired: Vec<Unrepaired>,
    /// The places to repair from that could not be asked.
    pub unasked: Vec<Unasked>,
    /// What ended repairing before all was tried: the layout cannot be written to, say.
    pub halted: Option<VerifyError>,
    /// Blobs that have to be fetched for the place to be whole.
    pub(super) broken: BTreeMap<Digest, Broken>,
}

/// Something that is as damaged as it was.
#[derive(Debug)]
pub struct Unrepaired {
    /// What it is.
    pub subject: Subject,
    /// The places that were asked for it, each with what is wrong with it there.
    pub asked: Vec<(String, Flaw)>,
    /// Why no place was asked, where that is not for want of one.
    pub why: Option<&'static str>,
}

impl Unrepaired {
    pub(super) const fn of(subject: Subject) -> Self {
        Self {
            subject,
            asked: Vec::new(),
            why: None,
        }
    }
}

/// A place to repair from, and why it could not be asked.
#[derive(Debug)]
pub struct Unasked {
    /// What it is called.
    pub place: String,
    /// Why.
    pub error: VerifyError,
}

impl Report {
    pub(super) fn of_broken_archive(what: String) -> Self {
        Self {
            findings: vec![Finding {
                rule: ARCHIVE,
                severity: Severity::Damage,
                subject: Subject::file("the tar"),
                message: what,
            }],
            ..Self::default()
        }
    }

    /// Whether another place may have what is damaged.
    #[must_use]
    pub fn is_mendable(&self) -> bool {
        let is_root = |finding: &Finding| [LAYOUT_MARKER, LAYOUT_INDEX].contains(&finding.rule);
        self.broken.values().any(|broken| !broken.is_orphan) || self.findings.iter().any(is_root)
    }

    /// Whether a blob that nothing refers to is damaged: it is in the way of whoever builds the same bytes.
    #[must_use]
    pub fn is_littered(&self) -> bool {
        self.broken.values().any(|broken| broken.is_orphan)
    }

    /// How many findings are as bad as that.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let same = self.findings.iter().filter(|finding| finding.severity == severity);
        same.count()
    }

    /// Whether nothing is wrong that is worse than `allowed`.
    #[must_use]
    pub fn is_sound(&self, allowed: Severity) -> bool {
        self.findings.iter().all(|finding| finding.severity >= allowed)
    }
}
