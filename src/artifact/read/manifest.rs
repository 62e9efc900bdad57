use std::collections::BTreeMap;

use serde::Deserialize;

use super::ReadError;
use crate::artifact::recipe::Spec;
use crate::artifact::{Descriptor, media_type};

/// An OCI image manifest (OCI image-spec, manifest.md), as far as models have it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    pub annotations: Option<BTreeMap<String, String>>,
}

/// The descriptor of the config of the artifact with this manifest.
///
/// # Errors
/// The bytes are no manifest of a model.
pub fn config(manifest: &[u8]) -> Result<Descriptor, ReadError> {
    let manifest = parse(manifest)?;
    manifest.spec()?;
    Ok(manifest.config)
}

pub fn parse(bytes: &[u8]) -> Result<Manifest, ReadError> {
    #[derive(Deserialize)]
    struct Index {
        #[serde(rename = "manifests")]
        _manifests: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_slice(bytes).map_err(|error| match serde_json::from_slice::<Index>(bytes) {
        Ok(_) => ReadError::Index,
        Err(_) => ReadError::Manifest(error),
    })
}

impl Manifest {
    /// The dialect, as the config's media type tells it.
    pub fn spec(&self) -> Result<Spec, ReadError> {
        media_type::config_spec(&self.config.media_type)
            .ok_or_else(|| ReadError::NoModel(self.config.media_type.clone()))
    }
}
