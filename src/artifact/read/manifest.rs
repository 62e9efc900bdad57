use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Kind, ReadError, kind};
use crate::artifact::{Descriptor, Dialect, annotation, media_type};
use crate::digest::Digest;

/// An OCI image manifest (OCI image-spec, manifest.md), as far as models have it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    media_type: Option<String>,
    artifact_type: Option<String>,
    subject: Option<Descriptor>,
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    pub annotations: Option<BTreeMap<String, String>>,
}

/// What a manifest lists, of a model or of anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The manifest's media type, where it states one.
    pub media_type: Option<String>,
    /// What the artifact is said to be.
    pub artifact_type: Option<String>,
    /// Describes the config.
    pub config: Descriptor,
    /// Describes the layers, in their order.
    pub layers: Vec<Descriptor>,
    /// What the artifact says something of, as a signature does.
    pub subject: Option<Descriptor>,
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
}

/// What a manifest lists, whatever kind of artifact it is of.
///
/// # Errors
/// The bytes are no manifest.
pub fn outline(manifest: &[u8]) -> Result<Outline, ReadError> {
    let manifest = parse(manifest)?;
    Ok(Outline {
        media_type: manifest.media_type,
        artifact_type: manifest.artifact_type,
        subject: manifest.subject,
        config: manifest.config,
        layers: manifest.layers,
        annotations: manifest.annotations.unwrap_or_default(),
    })
}

impl Outline {
    /// Checks that the bytes `config` are those of the config that it describes.
    ///
    /// # Errors
    /// They are not.
    pub fn check_config(&self, config: &[u8]) -> Result<(), ReadError> {
        let (size, digest) = (config.len() as u64, Digest::of(config));
        if (size, digest) == (self.config.size, self.config.digest) {
            return Ok(());
        }
        Err(ReadError::OtherConfig {
            size,
            digest,
            stated: Box::new(self.config.clone()),
        })
    }
}

pub fn parse(bytes: &[u8]) -> Result<Manifest, ReadError> {
    match kind(bytes)? {
        Some(Kind::Index) => Err(ReadError::Index),
        _ => serde_json::from_slice(bytes).map_err(ReadError::Manifest),
    }
}

impl Manifest {
    /// The dialect, as the config's media type tells it, else what the artifact is said to be, else the layers: files
    /// with names are some.
    pub fn dialect(&self) -> Result<Dialect, ReadError> {
        let stated = [&self.artifact_type, &self.media_type].into_iter().flatten();
        let known = media_type::dialect(&self.config.media_type, stated.map(String::as_str));
        let names_files = || {
            self.layers
                .iter()
                .any(|layer| annotation::path(&layer.annotations).is_some())
        };
        known
            .or_else(|| names_files().then_some(Dialect::Files))
            .ok_or_else(|| ReadError::NoModel(self.config.media_type.clone()))
    }
}
