use std::collections::{BTreeMap, BTreeSet};

use super::lines::{self, LineChange};
use super::record::{Record, RecordedFile};
use crate::digest::{Digest, Stamp};
use crate::model::{self, Change, File};
use crate::modelfile::Span;
use crate::plan::PlannedFile;

/// Why things are as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Why the artifact is another one than last time; empty where it is not.
    pub artifact: Vec<Reason>,
    /// What happened to each layer, in manifest order; empty where nothing did.
    pub layers: Vec<Vec<Change>>,
}

/// What makes an artifact another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No earlier build is on record.
    First,
    /// A line of the Modelfile states something else.
    Line(LineChange),
    /// An option, or what stands for one, has another value.
    Setting {
        /// Its name.
        name: String,
        /// What it was.
        from: Option<String>,
        /// What it is.
        to: Option<String>,
    },
    /// So many layers are new or not what they were.
    Layers(usize),
    /// A layer is gone.
    Removed(String),
}

/// A layer of this build, as far as it is known.
#[derive(Debug, Clone)]
pub struct Now<'a> {
    /// Path in the artifact.
    pub path: &'a str,
    /// The kind's name.
    pub kind: &'a str,
    /// Whether the owner can execute it.
    pub executable: bool,
    /// Size of the file in bytes.
    pub size: u64,
    /// What `stat` says; `None` where it is inherited.
    pub stamp: Option<Stamp>,
    /// The blob's digest, where it is known.
    pub digest: Option<Digest>,
    /// Where the Modelfile names it.
    pub rule: Span,
}

impl<'a> Now<'a> {
    /// The layer of a planned file.
    #[must_use]
    pub fn new(file: &'a PlannedFile, digest: Option<Digest>) -> Self {
        Self {
            path: &file.path,
            kind: file.kind.name(),
            executable: file.executable,
            size: file.size(),
            stamp: file.own().map(|own| own.stamp),
            digest,
            rule: file.rule,
        }
    }
}

impl Explanation {
    /// Compares this build with the last one.
    #[must_use]
    pub fn new(
        last: Option<&Record>,
        modelfile: &str,
        settings: &BTreeMap<String, String>,
        layers: &[Now<'_>],
    ) -> Self {
        let Some(last) = last else {
            return Self {
                artifact: vec![Reason::First],
                layers: vec![Vec::new(); layers.len()],
            };
        };
        let known: BTreeMap<_, _> = last.files.iter().map(|file| (file.path.as_str(), file)).collect();
        let lines = lines::changed(&last.modelfile, modelfile);
        let restated: BTreeSet<_> = lines
            .iter()
            .filter(|line| line.to.is_some())
            .map(|line| line.line)
            .collect();
        let ends: Vec<_> = modelfile.match_indices('\n').map(|(end, _)| end).collect();
        let changes: Vec<_> = layers
            .iter()
            .map(|now| {
                let mut changes = known
                    .get(now.path)
                    .map_or_else(|| vec![Change::New], |then| compare(then, now));
                let line = ends.partition_point(|end| *end < now.rule.start) + 1;
                if restated.contains(&line) && changes.iter().any(Change::shows) {
                    changes.push(Change::Line(line));
                }
                changes
            })
            .collect();
        let mut reasons: Vec<_> = lines.into_iter().map(Reason::Line).collect();
        let names: BTreeSet<_> = last.settings.keys().chain(settings.keys()).collect();
        for name in names {
            let (from, to) = (last.settings.get(name), settings.get(name));
            if from != to {
                reasons.push(Reason::Setting {
                    name: name.clone(),
                    from: from.cloned(),
                    to: to.cloned(),
                });
            }
        }
        let here: BTreeSet<_> = layers.iter().map(|now| now.path).collect();
        let gone = last.files.iter().filter(|file| !here.contains(file.path.as_str()));
        let showing = |changes: &&Vec<Change>| changes.iter().any(Change::shows);
        match changes.iter().filter(showing).count() {
            0 => {}
            count => reasons.push(Reason::Layers(count)),
        }
        reasons.extend(gone.map(|file| Reason::Removed(file.path.clone())));
        Self {
            artifact: reasons,
            layers: changes,
        }
    }
}

fn compare(then: &RecordedFile, now: &Now<'_>) -> Vec<Change> {
    let was = File {
        kind: Some(&then.kind),
        executable: then.executable,
        size: Some(then.size),
    };
    let is = File {
        kind: Some(now.kind),
        executable: now.executable,
        size: Some(now.size),
    };
    let touched = then.stamp != now.stamp;
    model::compare(&was, &is, || match now.digest {
        None => touched.then_some(Change::Unread),
        Some(digest) => match (digest == then.digest, touched) {
            (true, true) => Some(Change::Touched),
            (true, false) => None,
            (false, true) => Some(Change::Content),
            // With `--tar` the path, the mode and the time are in the blob too.
            (false, false) => Some(Change::Envelope),
        },
    })
}
