use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::manifest::manifest_for_layers;
use super::{Artifact, Descriptor, Document, Layer, Role, json, media_type, read};
use crate::digest::Digest;

/// The annotation of a converted artifact's manifest that says what it was made from.
pub const CONVERTED_FROM: &str = "org.modelbuild.converted-from";

/// Bytes of a manifest that every registry takes.
const REGISTRIES: usize = 4 << 20;

/// What it takes to have an artifact back that was converted into another dialect, but for what its layers still say.
///
/// Each dialect states things that the other has no place for, so that the config goes along as it is. Of a manifest as
/// we write them the layers' media types are enough, which say what files are for. Others order members in ways of
/// their own and leave some out: only the very bytes have the digest that they had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Original {
    /// Of a manifest as we write them.
    #[serde(rename_all = "camelCase")]
    Ours {
        /// The digest of the manifest that it was converted to, but for this annotation.
        converted: Digest,
        /// The manifest's digest.
        digest: Digest,
        /// Media type of the config.
        config_type: String,
        /// The config.
        config: String,
        /// The media types of the layers: equal ones that follow each other in one, as they do in every plan.
        layer_types: Vec<(String, usize)>,
    },
    /// Of a manifest as others write them.
    Theirs {
        /// The digest of the manifest that it was converted to, but for this annotation.
        converted: Digest,
        /// The manifest, in base64.
        manifest: String,
        /// The config, in base64.
        config: String,
    },
}

impl Original {
    /// `converted`, which was made from `original`, with the annotation by which that is had back. `None` where no
    /// annotation can do it, or where it alone would make the manifest too large for registries.
    #[must_use]
    pub fn annotate(original: &Artifact, converted: &Artifact) -> Option<Artifact> {
        let layers = read::outline(&converted.manifest).ok()?.layers;
        let digest = converted.descriptor.digest;
        let restores = |kept: &Self| {
            let restored = kept.restore(converted.config(), &layers, &converted.annotations);
            restored.is_some_and(|restored| restored.descriptor.digest == original.descriptor.digest)
        };
        let config = original.config()?;
        let kept = Self::ours(digest, original, config).filter(restores);
        let kept = kept.or_else(|| Some(Self::theirs(digest, original, config)).filter(restores))?;
        let mut annotations = converted.annotations.clone();
        annotations.insert(CONVERTED_FROM.to_owned(), json::to_string(&kept).ok()?);
        let annotated = artifact(converted.config()?.clone(), &layers, annotations)?;
        let is_too_large = annotated.manifest.len() > REGISTRIES && converted.manifest.len() <= REGISTRIES;
        (!is_too_large).then_some(annotated)
    }

    /// `None` where the config is no text.
    fn ours(converted: Digest, original: &Artifact, config: &Document) -> Option<Self> {
        let mut layer_types: Vec<(String, usize)> = Vec::new();
        for layer in &original.layers {
            match layer_types.last_mut() {
                Some((media_type, count)) if *media_type == layer.media_type => *count += 1,
                _ => layer_types.push((layer.media_type.clone(), 1)),
            }
        }
        Some(Self::Ours {
            converted,
            digest: original.descriptor.digest,
            config_type: config.descriptor.media_type.clone(),
            config: str::from_utf8(&config.bytes).ok()?.to_owned(),
            layer_types,
        })
    }

    fn theirs(converted: Digest, original: &Artifact, config: &Document) -> Self {
        Self::Theirs {
            converted,
            manifest: STANDARD.encode(&original.manifest),
            config: STANDARD.encode(&config.bytes),
        }
    }

    /// What a manifest's annotations say of it.
    #[must_use]
    pub fn read(annotations: &BTreeMap<String, String>) -> Option<Self> {
        serde_json::from_str(annotations.get(CONVERTED_FROM)?).ok()
    }

    /// The digest of the artifact that was converted; `None` where it is not even written as one.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        match self {
            Self::Ours { digest, .. } => Some(*digest),
            Self::Theirs { manifest, .. } => Some(Digest::of(&STANDARD.decode(manifest).ok()?)),
        }
    }

    /// The artifact from which one was made that has this config, these layers and annotations; `None` where somebody has
    /// changed something meanwhile.
    #[must_use]
    pub fn restore(
        &self,
        config: Option<&Document>,
        layers: &[Descriptor],
        annotations: &BTreeMap<String, String>,
    ) -> Option<Artifact> {
        let (Self::Ours { converted, .. } | Self::Theirs { converted, .. }) = self;
        let now = artifact(config?.clone(), layers, without(annotations))?;
        if now.descriptor.digest != *converted {
            return None;
        }
        match self {
            Self::Ours {
                converted: _,
                digest,
                config_type,
                config,
                layer_types,
            } => {
                let config = Document::new(config_type, config.as_bytes().to_vec(), Role::Config);
                let layers = typed(layers, layer_types)?;
                artifact(config, &layers, without(annotations)).filter(|artifact| artifact.descriptor.digest == *digest)
            }
            Self::Theirs {
                converted: _,
                manifest,
                config,
            } => {
                let (manifest, config) = (STANDARD.decode(manifest).ok()?, STANDARD.decode(config).ok()?);
                let outline = read::outline(&manifest).ok()?;
                let config = Document::new(&outline.config.media_type, config, Role::Config);
                let is_same = config.descriptor.digest == outline.config.digest
                    && without(&outline.annotations) == without(annotations)
                    && outline.layers.len() == layers.len()
                    && outline
                        .layers
                        .iter()
                        .zip(layers)
                        .all(|(theirs, layer)| is_same_layer(theirs, layer));
                let media_type = outline.media_type.as_deref().unwrap_or(media_type::OCI_MANIFEST);
                is_same.then(|| Artifact {
                    descriptor: Descriptor::of(media_type, &manifest),
                    manifest,
                    documents: vec![config],
                    layers: outline.layers.iter().map(Layer::from).collect(),
                    annotations: outline.annotations,
                })
            }
        }
    }
}

/// An artifact with a manifest as we write them.
fn artifact(config: Document, layers: &[Descriptor], annotations: BTreeMap<String, String>) -> Option<Artifact> {
    let manifest = manifest_for_layers(&config.descriptor.media_type, &config.bytes, layers, &annotations).ok()?;
    Some(Artifact {
        descriptor: Descriptor::of(media_type::OCI_MANIFEST, &manifest),
        manifest,
        documents: vec![config],
        layers: layers.iter().map(Layer::from).collect(),
        annotations,
    })
}

/// The layers with these media types; `None` where there are more or fewer of those.
fn typed(layers: &[Descriptor], types: &[(String, usize)]) -> Option<Vec<Descriptor>> {
    // No more than there are layers, whatever the annotation says.
    let mut names = types.iter().flat_map(|(name, count)| std::iter::repeat_n(name, *count));
    let all = layers.iter().map(|layer| {
        Some(Descriptor {
            media_type: names.next()?.clone(),
            ..layer.clone()
        })
    });
    let all = all.collect::<Option<Vec<_>>>()?;
    names.next().is_none().then_some(all)
}

/// Whether a layer is what it was made from; annotations may have come to it.
fn is_same_layer(before: &Descriptor, layer: &Descriptor) -> bool {
    let is_kept = |(key, value): (&String, &String)| layer.annotations.get(key) == Some(value);
    (before.digest, before.size) == (layer.digest, layer.size) && before.annotations.iter().all(is_kept)
}

fn without(annotations: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut annotations = annotations.clone();
    annotations.remove(CONVERTED_FROM);
    annotations
}
