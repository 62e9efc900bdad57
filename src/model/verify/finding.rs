use std::collections::HashSet;
use std::fmt;

use super::rule::{Rule, Severity};
use crate::digest::Digest;
use crate::modelfile::escape;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// How bad that is here.
    pub severity: Severity,
    /// What breaks it.
    pub subject: Subject,
    /// How.
    pub message: String,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Subject {
    /// What it is called: a layer's path, a file of the layout, or what sort of document it is.
    pub name: String,
    /// The blob's digest, where it is a blob.
    pub digest: Option<Digest>,
    /// The manifest that it belongs to, where it is known by that.
    pub artifact: Option<Digest>,
}

impl Subject {
    /// A file that no digest names.
    pub(super) fn file(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// A blob.
    pub(super) fn blob(name: &str, digest: Digest) -> Self {
        Self {
            name: name.to_owned(),
            digest: Some(digest),
            artifact: None,
        }
    }

    /// The same as a part of the artifact with this manifest.
    pub(super) fn of(self, artifact: Digest) -> Self {
        Self {
            artifact: Some(artifact),
            ..self
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.digest, self.name.as_str()) {
            (None, name) => f.write_str(&escape(name)),
            (Some(digest), "") => write!(f, "{digest}"),
            (Some(digest), name) => write!(f, "{} {digest}", escape(name)),
        }
    }
}

/// As a line: how bad, what, how, and the rule.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (severity, subject) = (self.severity.name(), &self.subject);
        write!(f, "{severity}: {subject}: {} [{}]", escape(&self.message), self.rule)
    }
}

/// What was found, in the order in which it was.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub list: Vec<Finding>,
    /// The same again: what means harm has so many that nobody looks through them for each.
    known: HashSet<Finding>,
}

impl Findings {
    pub fn add(&mut self, rule: Rule, subject: Subject, message: impl Into<String>) {
        self.add_as(rule.severity, rule, subject, message);
    }

    /// Where it is less bad than the rule says, or more.
    pub fn add_as(&mut self, severity: Severity, rule: Rule, subject: Subject, message: impl Into<String>) {
        let finding = Finding {
            rule,
            severity,
            subject,
            message: message.into(),
        };
        // An artifact under several tags is one.
        if self.known.insert(finding.clone()) {
            self.list.push(finding);
        }
    }
}
