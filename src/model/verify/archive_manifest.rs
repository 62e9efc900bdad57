//! `manifest.json` at the root of a tarball, by which alone Docker Model Runner loads: what it says must be there, and
//! should be what everybody else reads.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::Document;
use super::finding::{Findings, Subject};
use super::flaw;
use super::rule::{ARCHIVE_MANIFEST, ARCHIVE_MANIFEST_BROKEN, DOCUMENT_INVALID, Severity};
use super::survey::Survey;
use crate::digest::Digest;
use crate::plan::plural;
use crate::store::stored::{OpenError, Root, Store};

/// Judges it, where there is one. All artifacts of the tarball were walked through before.
pub fn judge(store: &Store, survey: &mut Survey<'_>) -> Result<(), OpenError> {
    let Some(manifest) = store.root(Root::Manifest) else {
        return Ok(());
    };
    let subject = Subject::file("manifest.json");
    let (rule, what) = match manifest.map(|bytes| (serde_json::from_slice(&bytes), bytes)) {
        Ok((Ok(Value::Object(_)), bytes)) if survey.reached.contains(&Digest::of(&bytes)) => return Ok(()),
        // `docker save` writes a list there of what to load, which is another thing.
        Ok((Ok(Value::Array(images)), _)) if images.iter().any(|image| image.get("Layers").is_some()) => {
            match absent(&images, store)? {
                Some(path) => (
                    ARCHIVE_MANIFEST_BROKEN,
                    format!("names `{path}`, which is not here, in what `docker load` reads"),
                ),
                None => return Ok(()),
            }
        }
        Ok((Ok(value @ Value::Object(_)), _)) => {
            let document = Document {
                value,
                subject: subject.clone(),
            };
            if let Some(what) = flaw(&document, store, survey)? {
                (ARCHIVE_MANIFEST_BROKEN, what)
            } else {
                let what = "is the manifest of no artifact that `index.json` names";
                (ARCHIVE_MANIFEST, what.to_owned())
            }
        }
        Ok((Ok(_), _)) => (DOCUMENT_INVALID, "is no JSON object".to_owned()),
        Ok((Err(error), _)) => (DOCUMENT_INVALID, format!("is no JSON: {error}")),
        Err(flaw) => (flaw::rule(&flaw), flaw.to_string()),
    };
    survey.findings.add(rule, subject, what);
    Ok(())
}

/// The first file that a list of images names and that is not in the tarball (Docker's image specification 1.2, "Combined
/// Image JSON + Filesystem Changeset Format").
fn absent(images: &[Value], store: &Store) -> Result<Option<String>, OpenError> {
    let held = store.held()?;
    let blobs = held
        .blobs
        .iter()
        .map(|(digest, _)| format!("blobs/sha256/{}", digest.hex()));
    let there: BTreeSet<_> = blobs.chain(held.others.into_iter().map(|other| other.name)).collect();
    let layers = images.iter().filter_map(|image| image.get("Layers")?.as_array());
    let configs = images.iter().filter_map(|image| image.get("Config"));
    let mut named = configs.chain(layers.flatten()).filter_map(Value::as_str);
    Ok(named.find(|path| !there.contains(*path)).map(str::to_owned))
}

/// Why what it names cannot be loaded, or is not what it was.
fn flaw(document: &Document, store: &Store, survey: &Survey<'_>) -> Result<Option<String>, OpenError> {
    let mut findings = Findings::default();
    let config = document.descriptor("config", &mut findings);
    let layers = document.descriptors("layers", &mut findings);
    for (member, is_there) in [("config", config.is_some()), ("layers", layers.is_some())] {
        if !is_there && findings.list.is_empty() {
            document.lacks(member, &mut findings);
        }
    }
    let mut invalid = findings.list.into_iter();
    if let Some(finding) = invalid.find(|finding| finding.severity <= Severity::Error) {
        return Ok(Some(finding.message));
    }
    let held: BTreeMap<_, _> = store.held()?.blobs.into_iter().collect();
    let named = config.iter().map(|config| ("config", config));
    let named = named.chain(layers.iter().flatten().flatten().map(|layer| ("layer", layer)));
    for (called, descriptor) in named {
        let digest = descriptor.digest;
        match held.get(&digest) {
            None => return Ok(Some(format!("names the {called} {digest}, which is not here"))),
            Some(size) if *size != descriptor.size => {
                let (stated, found) = (plural(descriptor.size, "byte"), plural(*size, "byte"));
                return Ok(Some(format!(
                    "says that the {called} {digest} has {stated}; it has {found}"
                )));
            }
            Some(_) => {}
        }
    }
    let is_an_artifacts = config.is_some_and(|config| survey.configs.contains(&config.digest));
    Ok(is_an_artifacts.then(|| "is not the manifest of the artifact whose config it names".to_owned()))
}
