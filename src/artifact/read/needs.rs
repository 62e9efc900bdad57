use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Outline, ReadError, kind};
use crate::artifact::Descriptor;
use crate::digest::Digest;

/// What must be there for a document to be whole, whatever kind of artifact it is of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// The manifests and indexes that it lists.
    pub manifests: Vec<Descriptor>,
    /// Its config.
    pub config: Option<Descriptor>,
    /// The blobs of its layers.
    pub layers: Vec<Descriptor>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// All kinds of documents in one (OCI image-spec, manifest.md and image-index.md; `blobs` are the layers of an artifact
/// manifest, which version 1.1 of it gave up again).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Document {
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
    #[serde(default)]
    blobs: Option<Vec<Descriptor>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl From<&Outline> for Needs {
    fn from(manifest: &Outline) -> Self {
        Self {
            manifests: Vec::new(),
            config: Some(manifest.config.clone()),
            layers: manifest.layers.clone(),
            annotations: manifest.annotations.clone(),
        }
    }
}

/// What a manifest or an index needs.
///
/// # Errors
/// It is neither or might be both, or one of its digests is no SHA-256 one: then not all of it can be checked.
pub fn needs(document: &[u8]) -> Result<Needs, ReadError> {
    kind(document)?;
    let found: Document = serde_json::from_slice(document).map_err(ReadError::Manifest)?;
    let mut layers = found.layers.unwrap_or_default();
    layers.extend(found.blobs.unwrap_or_default());
    Ok(Needs {
        manifests: found.manifests.unwrap_or_default(),
        config: found.config,
        layers,
        annotations: found.annotations.unwrap_or_default(),
    })
}

/// What a document refers to, if it says so and by a SHA-256 digest.
#[must_use]
pub fn subject(document: &[u8]) -> Option<Digest> {
    #[derive(Deserialize)]
    struct Referring {
        subject: Option<Subject>,
    }
    #[derive(Deserialize)]
    struct Subject {
        digest: Digest,
    }
    let found: Referring = serde_json::from_slice(document).ok()?;
    found.subject.map(|subject| subject.digest)
}
