use std::ops::Deref;

use super::parts;
use super::{Image, Role};
use crate::artifact::read::{self, ModelConfig, ReadError, StoredLayer};
use crate::digest::Digest;

/// An [`Image`] as a model, to be packed and moved (`types.ModelArtifact` in Docker's `MODEL_TYPES`).
///
/// ```
/// use modelbuild::artifact::media_type::MODELPACK_CONFIG;
/// use modelbuild::artifact::Descriptor;
/// use modelbuild::model::{ModelArtifact, manifest_for_layers};
///
/// let config = br#"{"descriptor":{"createdAt":"2025-01-01T00:00:00Z"},"config":{"format":"GGUF","paramSize":"8B"}}"#;
/// let weights = Descriptor::of("application/vnd.cncf.model.weight.v1.raw", b"GGUF");
/// let manifest = manifest_for_layers(MODELPACK_CONFIG, config, &[weights], &[].into())?;
///
/// let model = ModelArtifact::new(manifest, config.to_vec())?;
/// assert_eq!(model.id(), model.digest());
/// assert_eq!(model.descriptor().created, Some("2025-01-01T00:00:00Z"));
/// assert_eq!(model.config()?.format().as_deref(), Some("gguf"));
/// assert_eq!(model.config()?.parameters(), Some("8B"));
/// assert_eq!(model.gguf().len(), 1);
/// assert!(model.safetensors().is_empty() && model.dduf().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelArtifact(Image);

/// What a config says of how the artifact came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelDescriptor<'a> {
    /// When it was made: RFC 3339, under whatever name the dialect has for it.
    pub created: Option<&'a str>,
}

impl ModelArtifact {
    /// Reads the bytes of a manifest and of its config.
    ///
    /// # Errors
    /// As those of [`Image::new`].
    pub fn new(raw_manifest: Vec<u8>, raw_config: Vec<u8>) -> Result<Self, ReadError> {
        Image::new(raw_manifest, raw_config).map(Self)
    }

    /// What it is known by: the digest of the manifest's bytes.
    #[must_use]
    pub const fn id(&self) -> Digest {
        self.0.digest()
    }

    /// What the config says, in whichever dialect.
    ///
    /// # Errors
    /// The config cannot be read; that of an artifact which could be, can.
    pub fn config(&self) -> Result<Box<dyn ModelConfig>, ReadError> {
        read::model_config(self.manifest(), self.raw_config())
    }

    /// How it came to be.
    #[must_use]
    pub fn descriptor(&self) -> ModelDescriptor<'_> {
        ModelDescriptor {
            created: self.stored().created.as_deref(),
        }
    }

    /// Each layer with what it is to an engine, in manifest order.
    pub fn roles(&self) -> impl Iterator<Item = (Role, &StoredLayer)> {
        parts::roles(self.stored())
    }

    /// The layers that are GGUF weights as they are, shards by their numbers, else in manifest order. What is packed
    /// into a tar or compressed is no model file.
    #[must_use]
    pub fn gguf(&self) -> Vec<&StoredLayer> {
        parts::layers(self.stored(), parts::GGUF)
    }

    /// As [`Self::gguf`], of safetensors weights.
    #[must_use]
    pub fn safetensors(&self) -> Vec<&StoredLayer> {
        parts::layers(self.stored(), parts::SAFETENSORS)
    }

    /// As [`Self::gguf`], of DDUF weights.
    #[must_use]
    pub fn dduf(&self) -> Vec<&StoredLayer> {
        parts::layers(self.stored(), parts::DDUF)
    }
}

impl From<Image> for ModelArtifact {
    fn from(image: Image) -> Self {
        Self(image)
    }
}

impl Deref for ModelArtifact {
    type Target = Image;

    fn deref(&self) -> &Image {
        &self.0
    }
}
