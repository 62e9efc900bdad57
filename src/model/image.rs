use crate::artifact::media_type::OCI_MANIFEST;
use crate::artifact::read::{self, Outline, ReadError, Stored, StoredLayer};
use crate::digest::Digest;
use crate::store::stored::Found;

/// An artifact of an image registry: manifest and config, and what they say of the layers (`oci.Image` in Docker's
/// `MODEL_TYPES`). Every dialect that can be read is one.
///
/// ```
/// use modelbuild::artifact::media_type::DOCKER_CONFIG_V0_1;
/// use modelbuild::artifact::Descriptor;
/// use modelbuild::digest::Digest;
/// use modelbuild::model::{Image, manifest_for_layers};
///
/// let weights = Descriptor::of("application/vnd.docker.ai.gguf.v3", b"GGUF");
/// let config = br#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":[]}}"#;
/// let manifest = manifest_for_layers(DOCKER_CONFIG_V0_1, config, &[weights], &[].into())?;
///
/// let image = Image::new(manifest, config.to_vec())?;
/// assert_eq!(image.digest(), Digest::of(image.raw_manifest()));
/// assert_eq!(image.config_digest(), Digest::of(config));
/// assert_eq!(image.layer_by_digest(&Digest::of(b"GGUF")).map(|layer| layer.descriptor.size), Some(4));
/// // What is not compressed is what it is in the blob.
/// assert_eq!(image.layer_by_diff_id(&Digest::of(b"GGUF")), image.layer_by_digest(&Digest::of(b"GGUF")));
/// assert_eq!(image.size(), (image.raw_manifest().len() + config.len() + 4) as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    raw_manifest: Vec<u8>,
    raw_config: Vec<u8>,
    manifest: Outline,
    stored: Stored,
}

impl Image {
    /// Reads the bytes of a manifest and of its config.
    ///
    /// # Errors
    /// They are none, or do not belong together.
    pub fn new(raw_manifest: Vec<u8>, raw_config: Vec<u8>) -> Result<Self, ReadError> {
        let manifest = read::outline(&raw_manifest)?;
        manifest.check_config(&raw_config)?;
        Ok(Self {
            stored: Stored::new(Digest::of(&raw_manifest), &manifest, &raw_config)?,
            manifest,
            raw_manifest,
            raw_config,
        })
    }

    /// Reads what was found somewhere.
    ///
    /// # Errors
    /// As those of [`Image::new`].
    pub fn of(found: &Found) -> Result<Self, ReadError> {
        let artifact = found.artifact();
        let config = artifact.config().map(|config| config.bytes.clone());
        Self::new(artifact.manifest.clone(), config.unwrap_or_default())
    }

    /// The layers in manifest order.
    #[must_use]
    pub fn layers(&self) -> &[StoredLayer] {
        &self.stored.layers
    }

    /// The manifest's media type.
    #[must_use]
    pub fn media_type(&self) -> &str {
        self.manifest.media_type.as_deref().unwrap_or(OCI_MANIFEST)
    }

    /// Bytes of manifest, config and layers together.
    #[must_use]
    pub fn size(&self) -> u64 {
        let documents = (self.raw_manifest.len() as u64).saturating_add(self.raw_config.len() as u64);
        documents.saturating_add(super::size(&self.stored))
    }

    /// The digest of the config's bytes.
    #[must_use]
    pub fn config_digest(&self) -> Digest {
        Digest::of(&self.raw_config)
    }

    /// The config's bytes.
    #[must_use]
    pub fn raw_config(&self) -> &[u8] {
        &self.raw_config
    }

    /// The digest of the manifest's bytes.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.stored.digest
    }

    /// What the manifest lists.
    #[must_use]
    pub const fn manifest(&self) -> &Outline {
        &self.manifest
    }

    /// The manifest's bytes.
    #[must_use]
    pub fn raw_manifest(&self) -> &[u8] {
        &self.raw_manifest
    }

    /// What manifest and config say, whatever their dialect.
    #[must_use]
    pub const fn stored(&self) -> &Stored {
        &self.stored
    }

    /// The first layer whose blob has this digest.
    #[must_use]
    pub fn layer_by_digest(&self, digest: &Digest) -> Option<&StoredLayer> {
        self.layers().iter().find(|layer| layer.descriptor.digest == *digest)
    }

    /// The first layer whose blob has this digest when it is not compressed.
    #[must_use]
    pub fn layer_by_diff_id(&self, diff_id: &Digest) -> Option<&StoredLayer> {
        self.layers().iter().find(|layer| layer.diff_id == Some(*diff_id))
    }
}
