//! Config and manifest bytes back to plain types, whatever dialect they speak.
//!
//! Enters: the bytes of a manifest and of its config, which may come from anywhere. Leaves: a [`Stored`] artifact. What
//! names a layer or states something of the model is taken as it stands; whoever writes files by it has to judge the
//! paths.

mod docker;
mod error;
mod layer;
mod manifest;
mod modelpack;

use std::collections::BTreeMap;

pub use error::ReadError;
pub use layer::StoredLayer;
pub use manifest::{Outline, outline};

use super::Descriptor;
use super::recipe::Spec;
use crate::digest::Digest;
use crate::plan::Metadata;

/// A manifest or config of more than this many bytes is none: registries take 4 MiB at most.
pub const LIMIT: u64 = 16 << 20;

/// An artifact that somebody built: everything but the layers' bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The manifest's digest.
    pub digest: Digest,
    /// The dialect.
    pub spec: Spec,
    /// Descriptor of the config.
    pub config: Descriptor,
    /// What the config states of the model. The name is empty where it states none.
    pub metadata: Metadata,
    /// When it was made, as the config says.
    pub created: Option<String>,
    /// The layers in manifest order.
    pub layers: Vec<StoredLayer>,
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Reads an artifact whose digests were checked by whoever fetched the bytes.
///
/// # Errors
/// The bytes are no manifest of a model, or no config, or the two do not belong together.
pub fn read(manifest: &[u8], config: &[u8]) -> Result<Stored, ReadError> {
    let digest = Digest::of(manifest);
    let manifest = manifest::parse(manifest)?;
    let spec = manifest.spec()?;
    let stated = match spec {
        Spec::ModelPack => modelpack::parse(config)?,
        Spec::Docker => docker::parse(config)?,
    };
    let annotations = manifest.annotations.unwrap_or_default();
    let mut metadata = stated.metadata;
    metadata.annotations.clone_from(&annotations);
    let (layers, diff_ids) = (manifest.layers.len(), stated.diff_ids.len());
    if diff_ids != 0 && diff_ids != layers {
        return Err(ReadError::DiffIds { layers, diff_ids });
    }
    let diff_ids = stated.diff_ids.into_iter().map(Some).chain(std::iter::repeat(None));
    let layers = manifest.layers.into_iter().zip(diff_ids);
    Ok(Stored {
        digest,
        spec,
        config: manifest.config,
        metadata,
        created: stated.created,
        layers: layers
            .map(|(descriptor, diff_id)| StoredLayer::new(descriptor, diff_id))
            .collect(),
        annotations,
    })
}

/// What a config of either dialect states.
struct Stated {
    metadata: Metadata,
    created: Option<String>,
    diff_ids: Vec<Digest>,
}
