//! Config and manifest bytes back to plain types, whatever dialect they speak.
//!
//! Enters: the bytes of a manifest and of its config, which may come from anywhere. Leaves: a [`Stored`] artifact. What
//! names a layer or states something of the model is taken as it stands; whoever writes files by it has to judge the
//! paths.

mod ambiguity;
mod docker;
mod error;
mod file_metadata;
mod image;
mod kind;
mod kitfile;
mod layer;
mod manifest;
mod members;
mod model_config;
mod modelpack;
mod names;
mod needs;
mod page;
mod stated;

use std::collections::BTreeMap;

pub use ambiguity::Ambiguity;
pub use docker::DockerConfig;
pub use error::{NoModel, ReadError};
pub use file_metadata::{FileMetadata, file_metadata_members};
pub use kind::{Kind, kind};
pub use layer::StoredLayer;
pub use manifest::{Outline, outline};
use members::Case;
pub use model_config::ModelConfig;
pub use modelpack::ModelPackConfig;
pub use needs::{Needs, needs, subject};
use stated::Stated;

use super::{Descriptor, Dialect};
use crate::cores;
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
    pub dialect: Dialect,
    /// Descriptor of the config.
    pub config: Descriptor,
    /// What the config states of the model. The name is empty where it states none.
    pub metadata: Metadata,
    /// When it was made, as the config says.
    pub created: Option<String>,
    /// What the model runs in, such as `pytorch 2.0.0`, as a `ModelKit` or `ModelPack`'s web page has it.
    pub framework: Option<String>,
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
    Stored::new(Digest::of(manifest), &outline(manifest)?, config)
}

impl Stored {
    /// What the manifest `outline`, whose bytes have that digest, and the bytes of its config say together.
    ///
    /// # Errors
    /// As those of [`read`].
    pub fn new(digest: Digest, outline: &Outline, config: &[u8]) -> Result<Self, ReadError> {
        let dialect = outline.dialect()?;
        let mut stated = stated(dialect, config, &outline.annotations)?;
        let dialect = stated.dialect.unwrap_or(dialect);
        stated.metadata.annotations.clone_from(&outline.annotations);
        let (layers, diff_ids) = (outline.layers.len(), stated.diff_ids.len());
        if diff_ids != 0 && diff_ids != layers {
            return Err(ReadError::DiffIds { layers, diff_ids });
        }
        let mut diff_ids = stated.diff_ids.into_iter();
        let mut named = stated.named;
        let layers = outline.layers.iter().map(|descriptor| {
            let mut named = named.remove(&descriptor.digest).unwrap_or_default();
            named.diff_id = diff_ids.next().or(named.diff_id);
            (descriptor, named)
        });
        let layer = |(descriptor, named): (&Descriptor, _)| StoredLayer::new(descriptor.clone(), named, dialect);
        Ok(Self {
            digest,
            dialect,
            config: outline.config.clone(),
            metadata: stated.metadata,
            created: stated.created,
            framework: stated.framework,
            layers: cores::map(layers.collect(), layer),
            annotations: outline.annotations.clone(),
        })
    }
}

/// Whether all readers see the same members in a config, and none that only some take for one that is known.
///
/// # Errors
/// They may not.
pub fn config_members(dialect: Dialect, config: &[u8]) -> Result<(), ReadError> {
    unambiguous(dialect, config, Case::Exact)
}

fn unambiguous(dialect: Dialect, config: &[u8], case: Case) -> Result<(), ReadError> {
    let names = names::config(dialect);
    let found = names.map_or(Ok(()), |names| members::members(config, names, case));
    found.map_err(|how| ReadError::AmbiguousConfig(Box::new(how)))
}

/// What a config states, and what annotations do where it is none of a model's.
fn stated(dialect: Dialect, config: &[u8], annotations: &BTreeMap<String, String>) -> Result<Stated, ReadError> {
    unambiguous(dialect, config, Case::Any)?;
    match dialect {
        Dialect::ModelPack | Dialect::Cnai => ModelPackConfig::parse(config).map(ModelPackConfig::stated),
        Dialect::ModelPackPage => page::parse(config),
        Dialect::Docker | Dialect::DockerDraft => DockerConfig::parse(config).map(DockerConfig::stated),
        Dialect::Image => image::parse(config),
        Dialect::ModelKit => kitfile::parse(config),
        Dialect::Files => Ok(image::annotated(annotations)),
    }
}

/// What an engine asks the config of an artifact, whose manifest is `outline`.
///
/// # Errors
/// As those of [`read`].
pub fn model_config(outline: &Outline, config: &[u8]) -> Result<Box<dyn ModelConfig>, ReadError> {
    let dialect = outline.dialect()?;
    unambiguous(dialect, config, Case::Any)?;
    Ok(match dialect {
        Dialect::ModelPack | Dialect::Cnai => Box::new(ModelPackConfig::parse(config)?),
        Dialect::Docker | Dialect::DockerDraft => Box::new(DockerConfig::parse(config)?),
        dialect => Box::new(stated(dialect, config, &outline.annotations)?.metadata),
    })
}
