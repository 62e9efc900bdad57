use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::parts::{self, Part};
use super::{Image, ModelArtifact, ModelError};
use crate::artifact::read::StoredLayer;
use crate::plan::LayerEncoding;
use crate::registry::Client;
use crate::store::stored::{Held, Lease, find, root, tags};
use crate::store::{Choice, Location, Reference, Variant};

/// A model in an OCI layout on disk, whose files an engine can open (`types.Model` in Docker's `MODEL_TYPES`).
///
/// Paths are those of blobs, whose names are digests: an engine that goes by names wants them extracted. As long as this
/// value or a clone of it is there, nobody removes one of them: `modelbuild prune` and `rm --prune` wait until it is gone,
/// or the process is. So whoever starts a program with a path keeps the value for as long as that may open the file. Where
/// the file system has no locks (`flock`), or this process may not read the directory of the blobs, nothing is held.
///
/// ```
/// use modelbuild::model::StoredModel;
/// use modelbuild::store::Choice;
/// # use modelbuild::artifact::{Descriptor, media_type};
/// # let directory = tempfile::tempdir()?;
/// # let layout = directory.path();
/// # let blobs = layout.join("blobs/sha256");
/// # std::fs::create_dir_all(&blobs)?;
/// # let put = |media_type: &str, bytes: &[u8]| {
/// #     let descriptor = Descriptor::of(media_type, bytes);
/// #     std::fs::write(blobs.join(descriptor.digest.hex()), bytes).map(|()| descriptor)
/// # };
/// # let config = br#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":[]}}"#;
/// # put(media_type::DOCKER_CONFIG_V0_1, config)?;
/// # let layers = [
/// #     put(media_type::DOCKER_GGUF, b"GGUF")?,
/// #     put(media_type::DOCKER_TEMPLATE, b"{{ messages }}")?,
/// #     put(media_type::DOCKER_SAFETENSORS, b"safetensors")?,
/// #     put(media_type::DOCKER_DDUF, b"DDUF")?,
/// #     put(media_type::DOCKER_CONFIG_ARCHIVE, b"tar")?,
/// # ];
/// # let manifest = modelbuild::model::manifest_for_layers(media_type::DOCKER_CONFIG_V0_1, config, &layers, &[].into())?;
/// # let mut entry = put(media_type::OCI_MANIFEST, &manifest)?;
/// # entry.annotations.insert("org.opencontainers.image.ref.name".to_owned(), "v1".to_owned());
/// # std::fs::write(layout.join("index.json"), serde_json::json!({"schemaVersion": 2, "manifests": [entry]}).to_string())?;
/// # std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
///
/// let model = StoredModel::open(layout, Choice::Only)?;
/// assert_eq!(model.tags(), ["v1"]);
/// assert_eq!(model.config()?.format().as_deref(), Some("gguf"));
/// assert_eq!(std::fs::read(&model.gguf_paths()?[0])?, b"GGUF");
/// assert_eq!(std::fs::read(&model.safetensors_paths()?[0])?, b"safetensors");
/// assert_eq!(std::fs::read(&model.dduf_paths()?[0])?, b"DDUF");
/// assert_eq!(std::fs::read(model.chat_template_path()?)?, b"{{ messages }}");
/// assert_eq!(std::fs::read(model.config_archive_path()?)?, b"tar");
/// // Or layer by layer, whatever it is.
/// for layer in model.layers() {
///     match model.path_of(layer) {
///         Ok(path) => assert_eq!(std::fs::metadata(path)?.len(), layer.descriptor.size),
///         Err(why) => assert!(why.to_string().ends_with("is packed, or nothing says whether it is")),
///     }
/// }
/// assert_eq!(
///     model.mmproj_path().unwrap_err().to_string(),
///     "the model has 0 layers that are its projector; exactly one is expected"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct StoredModel {
    artifact: ModelArtifact,
    /// Where each layer's blob is, in manifest order.
    blobs: Vec<Option<Held>>,
    tags: Vec<String>,
    /// What keeps them there.
    _lease: Lease,
}

impl StoredModel {
    /// Finds the model in the layout at `layout` that `choice` names.
    ///
    /// # Errors
    /// There is none, it is no model or one of several in an index, or what is there is not what its digests say.
    pub fn open(layout: &Path, choice: Choice) -> Result<Self, ModelError> {
        Self::open_variant(layout, choice, Variant::new())
    }

    /// The same in an index of several models, which `choice` names: the one of them that has all marks of `variant`,
    /// annotations and `platform` as docker writes it.
    ///
    /// ```
    /// use modelbuild::model::StoredModel;
    /// use modelbuild::store::Choice;
    /// # use modelbuild::artifact::{Descriptor, media_type};
    /// # let directory = tempfile::tempdir()?;
    /// # let layout = directory.path();
    /// # let blobs = layout.join("blobs/sha256");
    /// # std::fs::create_dir_all(&blobs)?;
    /// # let put = |media_type: &str, bytes: &[u8]| {
    /// #     let descriptor = Descriptor::of(media_type, bytes);
    /// #     std::fs::write(blobs.join(descriptor.digest.hex()), bytes).map(|()| descriptor)
    /// # };
    /// # let model = |bytes: &[u8], quantization: &str| -> Result<Descriptor, Box<dyn std::error::Error>> {
    /// #     let config = br#"{"config":{"format":"gguf"},"descriptor":{},"rootfs":{"type":"rootfs","diff_ids":[]}}"#;
    /// #     put(media_type::DOCKER_CONFIG_V0_1, config)?;
    /// #     let layers = [put(media_type::DOCKER_GGUF, bytes)?];
    /// #     let manifest = modelbuild::model::manifest_for_layers(media_type::DOCKER_CONFIG_V0_1, config, &layers, &[].into())?;
    /// #     let mut entry = put(media_type::OCI_MANIFEST, &manifest)?;
    /// #     entry.annotations.insert("quantization".to_owned(), quantization.to_owned());
    /// #     Ok(entry)
    /// # };
    /// # let variants = [model(b"GGUF, four bits", "Q4_K_M")?, model(b"GGUF, eight bits", "Q8_0")?];
    /// # let index = serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": variants});
    /// # let entry = put(media_type::OCI_INDEX, index.to_string().as_bytes())?;
    /// # std::fs::write(layout.join("index.json"), serde_json::json!({"schemaVersion": 2, "manifests": [entry]}).to_string())?;
    /// # std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    ///
    /// let variant = vec![("quantization".to_owned(), "Q8_0".to_owned())];
    /// let model = StoredModel::open_variant(layout, Choice::Only, variant)?;
    /// assert_eq!(std::fs::read(&model.gguf_paths()?[0])?, b"GGUF, eight bits");
    /// assert!(StoredModel::open(layout, Choice::Only).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As those of [`Self::open`]; it is no index, or none of its models has these marks, or several have.
    pub fn open_variant(layout: &Path, choice: Choice, variant: Variant) -> Result<Self, ModelError> {
        let reference = |choice, variant| Reference {
            location: Location::Layout(layout.to_owned()),
            choice,
            variant,
        };
        // Nobody is asked of what lies on disk.
        let client = Client::default();
        let found = find(&reference(choice.clone(), variant), &client)?;
        let (blobs, lease) = (found.held().to_vec(), found.lease().clone());
        let artifact = ModelArtifact::from(Image::of(&found)?);
        let mut names = tags(layout, artifact.digest())?;
        if names.is_empty() {
            // Of a model in an index, that has them.
            let (index, _) = root(&reference(choice, Variant::new()), &client)?;
            names = tags(layout, index.digest)?;
        }
        Ok(Self {
            artifact,
            blobs,
            tags: names,
            _lease: lease,
        })
    }

    /// The tags that the layout has for it, each once, in the order of its index. They are bare, without the repository
    /// that some entries name besides: `v1` for `llama:v1` and for `registry.example/llama:v1` alike. A model in an index
    /// that has none itself has those of the index, if it was opened by that, and not by its own digest; whoever opens it
    /// by one of them has to say which variant, too.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// The files of GGUF weights: shards by their numbers, else in manifest order. A projector is none of them, nor is
    /// what is packed into a tar or compressed. Whether a set of shards has them all is not looked at here:
    /// [`Bundling::new`](super::Bundling::new) and [`ModelBundle::open`](super::ModelBundle::open) do, by their names.
    ///
    /// # Errors
    /// The layout lacks one, or has something else in its place.
    pub fn gguf_paths(&self) -> Result<Vec<PathBuf>, ModelError> {
        self.paths(parts::GGUF)
    }

    /// As [`Self::gguf_paths`], of safetensors weights.
    ///
    /// # Errors
    /// The layout lacks one, or has something else in its place.
    pub fn safetensors_paths(&self) -> Result<Vec<PathBuf>, ModelError> {
        self.paths(parts::SAFETENSORS)
    }

    /// As [`Self::gguf_paths`], of DDUF weights.
    ///
    /// # Errors
    /// The layout lacks one, or has something else in its place.
    pub fn dduf_paths(&self) -> Result<Vec<PathBuf>, ModelError> {
        self.paths(parts::DDUF)
    }

    /// The file of the multimodal projector.
    ///
    /// # Errors
    /// There is none or more than one, or the layout lacks it, or has something else in its place.
    pub fn mmproj_path(&self) -> Result<PathBuf, ModelError> {
        self.only(parts::PROJECTOR)
    }

    /// The file of the chat template. Others in directories below do not count where one stands beside the weights.
    ///
    /// # Errors
    /// As those of [`Self::mmproj_path`].
    pub fn chat_template_path(&self) -> Result<PathBuf, ModelError> {
        self.only(parts::TEMPLATE)
    }

    /// The tar of configuration files that older artifacts of Docker's have.
    ///
    /// # Errors
    /// As those of [`Self::mmproj_path`].
    pub fn config_archive_path(&self) -> Result<PathBuf, ModelError> {
        self.only(parts::CONFIG_ARCHIVE)
    }

    /// The file of any of its layers: a tokenizer, a license, code. The tar of [`Self::config_archive_path`] is packed files,
    /// and no file by itself.
    ///
    /// # Errors
    /// The layer is packed into a tar or compressed, or its media type does not say; it is none of this model's; or the
    /// layout lacks it, or has something else in its place.
    pub fn path_of(&self, layer: &StoredLayer) -> Result<PathBuf, ModelError> {
        if layer.encoding != Some(LayerEncoding::Raw) {
            return Err(ModelError::Packed { layer: called(layer) });
        }
        let position = self.layers().iter().position(|own| own == layer);
        let missing = || ModelError::Missing { layer: called(layer) };
        self.path(position.ok_or_else(missing)?)
    }

    fn paths(&self, part: Part) -> Result<Vec<PathBuf>, ModelError> {
        let positions = parts::positions(self.stored(), part).into_iter();
        positions.map(|position| self.path(position)).collect()
    }

    fn only(&self, part: Part) -> Result<PathBuf, ModelError> {
        self.path(parts::only(self.stored(), part)?)
    }

    fn path(&self, position: usize) -> Result<PathBuf, ModelError> {
        let layer = self.layers().get(position).map(called);
        match self.blobs.get(position).and_then(Option::as_ref) {
            Some(Held::File(extent)) => Ok(extent.path.clone()),
            Some(Held::Damaged(error)) => Err(ModelError::Damaged(Arc::clone(error))),
            Some(Held::Registry(_)) | None => Err(ModelError::Missing {
                layer: layer.unwrap_or_default(),
            }),
        }
    }
}

/// What messages call a layer: its path, else its digest.
fn called(layer: &StoredLayer) -> String {
    let path = layer.path.clone();
    path.unwrap_or_else(|| layer.descriptor.digest.to_string())
}

impl Deref for StoredModel {
    type Target = ModelArtifact;

    fn deref(&self) -> &ModelArtifact {
        &self.artifact
    }
}
