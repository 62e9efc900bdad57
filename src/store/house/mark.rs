use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use super::Error;
use crate::artifact::media_type::{DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT_MANIFEST, OCI_INDEX, OCI_MANIFEST};
use crate::artifact::{Descriptor, read};
use crate::digest::Digest;
use crate::store::layout::{Index, blob_path};
use crate::store::stored::{OpenError, manifest};

/// Media types of the documents that lead to others, in OCI's and docker's registries.
const DOCUMENTS: [&str; 5] = [
    OCI_MANIFEST,
    OCI_INDEX,
    OCI_ARTIFACT_MANIFEST,
    DOCKER_MANIFEST,
    DOCKER_LIST,
];

/// All kinds of documents in one, of models and of anything else. Members that say nothing of other blobs do not matter.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Document {
    manifests: Option<Vec<Link>>,
    config: Option<Link>,
    layers: Option<Vec<Link>>,
    blobs: Option<Vec<Link>>,
    subject: Option<Link>,
}

/// What a document says of a blob. Unlike a [`Descriptor`] its digest may be of any kind.
#[derive(Deserialize)]
struct Link {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    digest: String,
    size: u64,
}

/// A blob that something leads to.
struct Reached {
    link: Link,
    /// Whether it must be there, and is a document that leads further.
    is_listed: bool,
}

/// The digests of all blobs that the layout's index leads to: of artifacts of any kind, through indexes in indexes and
/// from what refers to something to its subject.
///
/// # Errors
/// Something on the way is missing, damaged or cannot be read: then nobody can tell what it leads to.
pub fn mark(path: &Path, index: &Index) -> Result<HashSet<Digest>, Error> {
    let mut marked = HashSet::new();
    let mut followed = HashSet::new();
    let mut next: Vec<_> = links(path, "index.json", index.bytes(), Kind::Root)?;
    while let Some(Reached { link, is_listed }) = next.pop() {
        let is_document = link.media_type.as_deref().is_some_and(|name| DOCUMENTS.contains(&name));
        let Ok(digest) = link.digest.parse::<Digest>() else {
            if is_listed {
                let what = format!(
                    "the manifest `{}` cannot be checked: its digest is no SHA-256 one",
                    link.digest
                );
                return Err(untraceable(path, what));
            }
            if is_by_another_algorithm(&link.digest) {
                continue;
            }
            let what = format!("the digest {:?} of a blob cannot be read", link.digest);
            return Err(untraceable(path, what));
        };
        marked.insert(digest);
        // What refers to something may be there without it; so may a manifest without its layers.
        let leads_on = is_listed || (is_document && blob_path(path, &digest).exists());
        // An index may list what is no document at all, and of any size.
        let is_too_large = !is_document && link.size > read::LIMIT;
        if !leads_on || is_too_large || !followed.insert(digest) {
            continue;
        }
        let descriptor = Descriptor {
            media_type: link.media_type.unwrap_or_default(),
            digest,
            size: link.size,
            annotations: std::collections::BTreeMap::new(),
        };
        let bytes = manifest(path, &descriptor).map_err(|error| match error {
            OpenError::Damaged { what, .. } => untraceable(path, what),
            OpenError::Absent { what, digest, .. } => untraceable(path, format!("the {what} {digest} is missing")),
            error => error.into(),
        })?;
        let kind = if is_document { Kind::Document } else { Kind::Unknown };
        next.extend(links(path, &format!("the manifest {digest}"), &bytes, kind)?);
    }
    Ok(marked)
}

/// What is known of a document before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is the layout's index, which may lack all members where nothing is in the layout.
    Root,
    /// It is a manifest or an index.
    Document,
    /// It may be something else.
    Unknown,
}

/// What a document leads to. One that is surely one must be readable.
fn links(path: &Path, called: &str, bytes: &[u8], kind: Kind) -> Result<Vec<Reached>, Error> {
    if kind != Kind::Unknown
        && let Err(error) = read::kind(bytes)
    {
        return Err(untraceable(path, format!("{called} cannot be followed: {error}")));
    }
    let document = match serde_json::from_slice::<Document>(bytes) {
        Ok(document) => document,
        Err(error) if kind != Kind::Unknown => {
            return Err(untraceable(path, format!("{called} cannot be read: {error}")));
        }
        Err(_) => return Ok(Vec::new()),
    };
    let Document {
        manifests,
        config,
        layers,
        blobs,
        subject,
    } = document;
    if kind == Kind::Document && manifests.is_none() && layers.is_none() && blobs.is_none() {
        let what = format!("{called} is neither a manifest nor an index");
        return Err(untraceable(path, what));
    }
    let reached = |is_listed| move |link| Reached { link, is_listed };
    let others = [layers, blobs].into_iter().flatten().flatten();
    let others = others.chain(config).chain(subject).map(reached(false));
    Ok(manifests
        .into_iter()
        .flatten()
        .map(reached(true))
        .chain(others)
        .collect())
}

/// Whether it is a digest that only blobs have which do not lie among those by SHA-256 (OCI image-spec, descriptor.md,
/// "Digests"). What only looks like one of SHA-256, another reader may take for it.
fn is_by_another_algorithm(digest: &str) -> bool {
    let is_named = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| b"abcdefghijklmnopqrstuvwxyz0123456789+._-".contains(&byte))
    };
    digest
        .split_once(':')
        .is_some_and(|(algorithm, encoded)| algorithm != "sha256" && is_named(algorithm) && !encoded.is_empty())
}

fn untraceable(path: &Path, what: String) -> Error {
    Error::Untraceable {
        path: path.to_owned(),
        what,
    }
}
