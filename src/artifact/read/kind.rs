use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::members::{Case, members};
use super::{Ambiguity, ReadError, names};
use crate::artifact::media_type::{DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT_MANIFEST, OCI_INDEX, OCI_MANIFEST};

/// What sort of document lists other ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A manifest, which has blobs.
    Manifest,
    /// An index, which has manifests.
    Index,
}

impl Kind {
    /// What a document of that media type is.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            OCI_MANIFEST | DOCKER_MANIFEST | OCI_ARTIFACT_MANIFEST => Some(Self::Manifest),
            OCI_INDEX | DOCKER_LIST => Some(Self::Index),
            _ => None,
        }
    }
}

/// The members by which documents are told from each other; one that is null is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    media_type: Option<Value>,
    manifests: Option<IgnoredAny>,
    config: Option<IgnoredAny>,
    layers: Option<IgnoredAny>,
    blobs: Option<IgnoredAny>,
    fs_layers: Option<IgnoredAny>,
    history: Option<IgnoredAny>,
}

/// What a document is, as its members say it; `None` where it has none that says so. No other reader that goes by the
/// rules takes it for another thing.
///
/// # Errors
/// Readers may disagree: it has what belongs to two kinds of documents, does not have what its media type says, or has
/// names that not all of them tell from each other.
pub fn kind(document: &[u8]) -> Result<Option<Kind>, ReadError> {
    members(document, names::DOCUMENT, Case::Exact).map_err(ambiguous)?;
    let Ok(head) = serde_json::from_slice::<Head>(document) else {
        return Ok(None);
    };
    // The index, the manifest, the artifact manifest, and docker's first manifest.
    let kinds = [
        (Some(Kind::Index), head.manifests.map(|_| "manifests")),
        (
            Some(Kind::Manifest),
            head.layers.map(|_| "layers").or(head.config.map(|_| "config")),
        ),
        (Some(Kind::Manifest), head.blobs.map(|_| "blobs")),
        (
            None,
            head.fs_layers.map(|_| "fsLayers").or(head.history.map(|_| "history")),
        ),
    ];
    let mut there = kinds.into_iter().filter_map(|(kind, member)| Some((kind, member?)));
    let Some((kind, member)) = there.next() else {
        return Ok(None);
    };
    if let Some((_, other)) = there.next() {
        return Err(ambiguous(Ambiguity::Kinds { one: member, other }));
    }
    let media_type = head.media_type.as_ref().and_then(Value::as_str).unwrap_or_default();
    let stated = Kind::of_media_type(media_type);
    if stated.is_some() && stated != kind {
        let media_type = media_type.to_owned();
        return Err(ambiguous(Ambiguity::MediaType { media_type, member }));
    }
    Ok(kind)
}

fn ambiguous(how: Ambiguity) -> ReadError {
    ReadError::Ambiguous(Box::new(how))
}
