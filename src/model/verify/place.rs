use std::collections::HashSet;

use serde_json::Value;

use super::archive_manifest;
use super::document::Document;
use super::finding::Subject;
use super::flaw;
use super::known::Known;
use super::paths::Paths;
use super::rule::Severity;
use super::rule::{
    ARCHIVE_MEMBER, BLOB_DIGEST, BLOB_SIZE, BLOB_SYMLINK, FOREIGN_FILE, LAYER_MISSING, LAYOUT_INDEX, LAYOUT_MARKER,
    LAYOUT_VERSION, NO_ARTIFACT, ORPHAN, UNFINISHED,
};
use super::survey::{Broken, Layer, Survey};
use super::tags;
use super::{Options, Report, VerifyError};
use crate::artifact::Descriptor;
use crate::files::is_unfinished;
use crate::plan::plural;
use crate::store::stored::{Blobs, Flaw, OpenError, Other, Root, Sought, Store};
use crate::store::{Cancel, Choice, Progress, REF_NAME, Reference};

/// Verifies what is at a place. `known` is what this run has read of it already.
pub fn verify(
    store: &Store,
    reference: &Reference,
    known: &mut Known,
    options: Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Report, VerifyError> {
    store.check_roots()?;
    let mut survey = Survey::new(store);
    let is_told = roots(store, reference, &mut survey)?;
    if is_told && reference.choice == Choice::Only && !store.is_remote() {
        archive_manifest::judge(store, &mut survey)?;
        beside(store, &mut survey)?;
    }
    let sought = survey.layers.iter().map(|layer| &layer.sought);
    known.read(store, sought, options, progress, cancel)?;
    let (blobs, bytes) = layers(&mut survey, known, store.is_remote());
    let mut findings = survey.findings.list;
    findings.sort_by_key(|finding| finding.severity);
    Ok(Report {
        artifacts: survey.artifacts,
        blobs: survey.documents.0 + blobs,
        bytes: survey.documents.1 + bytes,
        findings,
        broken: survey.broken,
        ..Report::default()
    })
}

/// Walks through all that is meant. Gives whether anything tells what that is: where nothing does, every blob would seem
/// to belong to nothing.
fn roots(store: &Store, reference: &Reference, survey: &mut Survey<'_>) -> Result<bool, OpenError> {
    if let Some(tagged) = store.tagged()? {
        match tagged {
            Ok((descriptor, bytes)) => survey.fetched(&descriptor, &bytes)?,
            Err(flaw) => survey
                .findings
                .add(flaw::rule(&flaw), Subject::file("manifest"), flaw.to_string()),
        }
        return Ok(true);
    }
    if let Some(flaw) = marker_flaw(store) {
        let (rule, why) = match flaw {
            MarkerFlaw::Lost(why) => (LAYOUT_MARKER, why),
            MarkerFlaw::Version(why) => (LAYOUT_VERSION, why),
        };
        survey.findings.add(rule, Subject::file("oci-layout"), why);
    }
    let subject = Subject::file("index.json");
    let bytes = match index(store) {
        Some(Ok(bytes)) => bytes,
        Some(Err(why)) => {
            survey.findings.add(LAYOUT_INDEX, subject, why);
            return Ok(false);
        }
        None => return Ok(true),
    };
    let Some((index, _)) = Document::parse_listing(&bytes, subject, &mut survey.findings) else {
        return Ok(false);
    };
    index.judge(None, &mut survey.findings);
    let entries = index.descriptors("manifests", &mut survey.findings).unwrap_or_default();
    if entries.is_empty() {
        survey.findings.add(NO_ARTIFACT, index.subject, "lists no artifact");
    }
    let entries: Vec<_> = entries.into_iter().flatten().collect();
    let is_meant = |entry: &&Descriptor| match &reference.choice {
        Choice::Only => true,
        Choice::Tag(tag) => entry.annotations.get(REF_NAME) == Some(tag),
        Choice::Digest(digest) => entry.digest == *digest,
    };
    let meant: Vec<_> = entries.iter().filter(is_meant).collect();
    if meant.is_empty() && reference.choice != Choice::Only {
        return Err(store.nothing(&reference.choice, entries));
    }
    tags::judge(&meant, survey);
    for entry in meant {
        survey.root(entry)?;
    }
    Ok(true)
}

/// The bytes of a place's index, or why they are none; a registry has no such thing.
pub fn index(store: &Store) -> Option<Result<Vec<u8>, String>> {
    let bytes = match store.root(Root::Index)? {
        Ok(bytes) => bytes,
        Err(flaw) => return Some(Err(flaw.to_string())),
    };
    let index = serde_json::from_slice::<Value>(&bytes);
    let is_index = |index: &Value| {
        index.get("schemaVersion").and_then(Value::as_u64) == Some(2)
            && index.get("manifests").is_some_and(Value::is_array)
    };
    Some(match index {
        Err(error) => Err(format!("is no JSON: {error}")),
        Ok(index) if is_index(&index) => Ok(bytes),
        Ok(_) => Err("is no image index: an object with `schemaVersion` 2 and an array `manifests`".to_owned()),
    })
}

/// What is wrong with the file that marks a layout.
pub enum MarkerFlaw {
    /// It says nothing, for this reason.
    Lost(String),
    /// It says another version.
    Version(String),
}

/// Why the file that marks a layout does not.
pub fn marker_flaw(store: &Store) -> Option<MarkerFlaw> {
    let lost = |why: String| Some(MarkerFlaw::Lost(why));
    let bytes = match store.root(Root::Marker)? {
        Ok(bytes) => bytes,
        Err(flaw) => return lost(flaw.to_string()),
    };
    match serde_json::from_slice::<Value>(&bytes) {
        Err(error) => lost(format!("is no JSON: {error}")),
        Ok(marker) => match marker.get("imageLayoutVersion").and_then(Value::as_str) {
            Some("1.0.0") => None,
            Some(other) => Some(MarkerFlaw::Version(format!("has the version `{other}`, not `1.0.0`"))),
            None => lost("has no `imageLayoutVersion`".to_owned()),
        },
    }
}

/// Holds what layers say against what was read. Gives how many blobs were read, and their bytes.
fn layers(survey: &mut Survey<'_>, known: &Known, is_remote: bool) -> (usize, u64) {
    /// What is said of a layer that a layout or a tarball lacks.
    const LEFT_OUT: &str = "is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost";
    let (mut read, mut bytes) = (HashSet::new(), 0);
    let mut paths = Paths::default();
    for layer in std::mem::take(&mut survey.layers) {
        let content = known.blob(&layer.sought);
        let whole = content.as_ref().ok();
        let whole = whole.filter(|content| content.digest == layer.sought.digest);
        paths.judge(&layer, whole, &mut survey.findings);
        let Layer {
            sought,
            subject,
            is_orphan,
            ..
        } = layer;
        let mut broken = |rule, what: String, is_broken: bool| {
            survey.findings.add(rule, subject.clone(), what);
            if is_broken {
                survey.broken.insert(
                    sought.digest,
                    Broken {
                        sought: sought.clone(),
                        subject: subject.clone(),
                        is_manifest: false,
                        is_orphan,
                    },
                );
            }
        };
        match content {
            // Whoever leaves layers out has a layout that says so nowhere: the blobs that are there are what they were.
            Err(Flaw::Missing) if !is_remote => broken(LAYER_MISSING, LEFT_OUT.to_owned(), true),
            Err(flaw) => broken(flaw::rule(&flaw), flaw.to_string(), true),
            Ok(content) => {
                if read.insert(sought.digest) {
                    bytes += content.size;
                }
                let (stated, found) = (sought.size, content.size);
                let is_broken = content.digest != sought.digest;
                if stated != found {
                    broken(BLOB_SIZE, Flaw::Size { stated, found }.to_string(), is_broken);
                } else if is_broken {
                    let found = content.digest;
                    broken(BLOB_DIGEST, Flaw::Digest { found }.to_string(), true);
                }
            }
        }
    }
    (read.len(), bytes)
}

/// What lies in a layout or a tarball, and belongs to nothing. It is read all the same: a build takes a blob that is there
/// as it is.
fn beside(store: &Store, survey: &mut Survey<'_>) -> Result<(), OpenError> {
    let Blobs {
        blobs,
        symlinks,
        others,
    } = store.held()?;
    // Those of a manifest that cannot be read are not known.
    let is_clear = survey
        .findings
        .list
        .iter()
        .all(|finding| finding.severity > Severity::Error);
    let nothing = if is_clear {
        "nothing refers to it"
    } else {
        "nothing that can be read refers to it"
    };
    let symlinks: HashSet<_> = symlinks.into_iter().collect();
    for (digest, size) in blobs {
        if symlinks.contains(&digest) {
            let subject = Subject::blob("", digest);
            survey.findings.add(BLOB_SYMLINK, subject, "is a symlink");
        }
        if !survey.reached.contains(&digest) {
            let subject = Subject::blob("", digest);
            let what = format!("has {}, and {nothing}", plural(size, "byte"));
            survey.findings.add(ORPHAN, subject.clone(), what);
            survey.layer(Layer {
                sought: Sought {
                    name: digest.to_string(),
                    digest,
                    size,
                    packed: None,
                },
                subject,
                is_orphan: true,
                claim: None,
            });
        }
    }
    for Other { name, harm } in others {
        let file = name.rsplit('/').next().unwrap_or_default();
        let (rule, what) = match harm {
            Some(harm) => (ARCHIVE_MEMBER, harm),
            None if is_unfinished(file.as_ref()) => (UNFINISHED, "is not complete"),
            None if name.starts_with("blobs/") => (FOREIGN_FILE, "is no blob"),
            None => (FOREIGN_FILE, "is no part of a layout"),
        };
        survey.findings.add(rule, Subject::file(&name), what);
    }
    Ok(())
}
