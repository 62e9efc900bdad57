use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::manifest::manifest_for_layers;
use super::{Artifact, Descriptor, Dialect, Document, Layer, Role, Spec, json, media_type};
use crate::digest::Digest;

/// The annotation of a converted artifact's manifest that says what it was made from.
pub const CONVERTED_FROM: &str = "org.modelbuild.converted-from";

/// What it takes to have an artifact back that was converted into another dialect, but for what its layers still say.
///
/// Each dialect states things that the other has no place for. So the config goes along as it is, and the layers' media
/// types, which say what files are for: equal ones that follow each other in one, as they do in every plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Original {
    digest: Digest,
    config_type: String,
    config: String,
    layer_types: Vec<(String, usize)>,
}

impl Original {
    /// What is to be kept of the artifact with this manifest, config and layers; `None` where its config is no text.
    #[must_use]
    pub fn new<'a>(
        digest: Digest,
        config: &Document,
        layers: impl IntoIterator<Item = &'a Descriptor>,
    ) -> Option<Self> {
        let mut layer_types: Vec<(String, usize)> = Vec::new();
        for layer in layers {
            match layer_types.last_mut() {
                Some((media_type, count)) if *media_type == layer.media_type => *count += 1,
                _ => layer_types.push((layer.media_type.clone(), 1)),
            }
        }
        Some(Self {
            digest,
            config_type: config.descriptor.media_type.clone(),
            config: str::from_utf8(&config.bytes).ok()?.to_owned(),
            layer_types,
        })
    }

    /// What a manifest's annotations say of it.
    #[must_use]
    pub fn read(annotations: &BTreeMap<String, String>) -> Option<Self> {
        serde_json::from_str(annotations.get(CONVERTED_FROM)?).ok()
    }

    /// The annotation's value.
    #[must_use]
    pub fn to_value(&self) -> Option<String> {
        json::to_string(self).ok()
    }

    /// The artifact of the dialect `spec` from which one was made that has these layers and annotations; `None` where it
    /// does not come out with the very digest, because somebody has changed something meanwhile.
    #[must_use]
    pub fn restore<'a>(
        self,
        spec: Spec,
        layers: impl IntoIterator<Item = &'a Descriptor>,
        annotations: &BTreeMap<String, String>,
    ) -> Option<Artifact> {
        let is_wanted = media_type::dialect(&self.config_type, None).and_then(Dialect::spec) == Some(spec);
        let types = self.layer_types.iter();
        // No more than there are layers, whatever the annotation says.
        let mut types = types.flat_map(|(media_type, count)| std::iter::repeat_n(media_type, *count));
        let mut restored = Vec::new();
        for layer in layers {
            restored.push(Descriptor {
                media_type: types.next()?.clone(),
                ..layer.clone()
            });
        }
        let mut annotations = annotations.clone();
        annotations.remove(CONVERTED_FROM);
        let config = Document::new(&self.config_type, self.config.into_bytes(), Role::Config);
        let manifest = manifest_for_layers(&self.config_type, &config.bytes, &restored, &annotations).ok()?;
        let descriptor = Descriptor::of(media_type::OCI_MANIFEST, &manifest);
        (is_wanted && types.next().is_none() && descriptor.digest == self.digest).then(|| Artifact {
            descriptor,
            manifest,
            documents: vec![config],
            layers: restored.iter().map(Layer::from).collect(),
            annotations,
        })
    }
}
