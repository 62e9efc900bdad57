use std::collections::BTreeMap;

use serde::Deserialize;

use super::stated::or_default;
use super::{Kind, NoModel, ReadError, kind};
use crate::artifact::{Descriptor, Dialect, annotation, media_type};
use crate::cores;
use crate::digest::Digest;

/// What a manifest lists, of a model or of anything else (OCI image-spec, manifest.md).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
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
    #[serde(default, deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
}

/// How many bytes of JSON are read in about a microsecond.
const PER_PIECE: usize = 256;

/// What a manifest lists, whatever kind of artifact it is of.
///
/// # Errors
/// The bytes are no manifest.
pub fn outline(manifest: &[u8]) -> Result<Outline, ReadError> {
    let parse = || serde_json::from_slice(manifest).map_err(ReadError::Manifest);
    let (kind, outline) = cores::join(manifest.len() / PER_PIECE, || kind(manifest), parse);
    match kind? {
        Some(Kind::Index) => Err(ReadError::Index),
        _ => outline,
    }
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

    /// The dialect, as the config's media type tells it, else what the artifact is said to be, else the layers: files
    /// with names are some. What has an image's config and no such layer is none.
    ///
    /// # Errors
    /// It is no manifest of a model.
    pub fn dialect(&self) -> Result<Dialect, ReadError> {
        let stated = [&self.artifact_type, &self.media_type].into_iter().flatten();
        let known = media_type::dialect(&self.config.media_type, stated.map(String::as_str));
        if known == Some(Dialect::Image)
            && let Some(first) = self.layers.first()
            && !self.layers.iter().any(may_hold_files)
        {
            return Err(ReadError::NoModel(NoModel::Layers(first.media_type.clone())));
        }
        let names_files = || {
            self.layers
                .iter()
                .any(|layer| annotation::path(&layer.annotations).is_some())
        };
        known
            .or_else(|| names_files().then_some(Dialect::Files))
            .ok_or_else(|| ReadError::NoModel(NoModel::Config(self.config.media_type.clone())))
    }
}

/// Whether a layer under the config of an image is one of an image or of a model, or names a file. cosign's signatures and
/// what buildx attests have such configs, too, and statements as their layers.
fn may_hold_files(layer: &Descriptor) -> bool {
    media_type::parse_layer(&layer.media_type, "").is_some()
        || layer.media_type.contains(".tar")
        || annotation::path(&layer.annotations).is_some()
}
