use std::collections::BTreeMap;

use serde::Serialize;

use super::error::Error;
use super::media_type::{MODELPACK_ARTIFACT, OCI_MANIFEST};
use super::{Descriptor, Dialect, Spec, json, media_type};

/// An OCI image manifest, members in the order in which Go's image-spec types write them.
pub(super) struct Manifest<'a> {
    pub media_type: &'static str,
    pub artifact_type: Option<&'static str>,
    pub config: &'a Descriptor,
    /// The layers' descriptors, some at a time and in JSON already: of 10,000 they are 5 MB, written on all cores.
    pub layers: &'a [Vec<u8>],
    pub annotations: &'a BTreeMap<String, String>,
}

/// What stands in front of the layers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    schema_version: u8,
    media_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<&'a str>,
    config: &'a Descriptor,
}

/// The manifest's bytes of an artifact that has this config and these layers, whose annotations are kept.
///
/// `ModelPack` wants the artifact's type stated, and is known by the config's media type; Docker's has none.
///
/// ```
/// use modelbuild::artifact::media_type::MODELPACK_CONFIG;
/// use modelbuild::artifact::{Descriptor, manifest_for_layers};
///
/// let layer = Descriptor::of("application/vnd.cncf.model.weight.v1.raw", b"weights");
/// let manifest = manifest_for_layers(MODELPACK_CONFIG, b"{}", &[layer], &[].into())?;
/// let start = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"#;
/// assert!(manifest.starts_with(start));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A descriptor cannot be written as JSON; none of this crate's is such.
pub fn manifest_for_layers(
    config_type: &str,
    config: &[u8],
    layers: &[Descriptor],
    annotations: &BTreeMap<String, String>,
) -> Result<Vec<u8>, Error> {
    let in_json = |layer: &Descriptor| json::to_vec(layer).map_err(Error::json("manifest"));
    let is_modelpack = media_type::dialect(config_type, None).and_then(Dialect::spec) == Some(Spec::ModelPack);
    let manifest = Manifest {
        media_type: OCI_MANIFEST,
        artifact_type: is_modelpack.then_some(MODELPACK_ARTIFACT),
        config: &Descriptor::of(config_type, config),
        layers: &layers.iter().map(in_json).collect::<Result<Vec<_>, _>>()?,
        annotations,
    };
    manifest.to_vec().map_err(Error::json("manifest"))
}

impl Manifest<'_> {
    /// Its bytes.
    ///
    /// # Errors
    /// As [`json::to_vec`].
    pub fn to_vec(&self) -> Result<Vec<u8>, serde_json::Error> {
        let head = json::to_vec(&Head {
            schema_version: 2,
            media_type: self.media_type,
            artifact_type: self.artifact_type,
            config: self.config,
        })?;
        let tail = if self.annotations.is_empty() {
            Vec::new()
        } else {
            [&b",\"annotations\":"[..], &json::to_vec(self.annotations)?].concat()
        };
        let size = self.layers.iter().map(|layer| layer.len() + 1).sum::<usize>();
        let mut bytes = Vec::with_capacity(head.len() + size + tail.len() + 16);
        bytes.extend_from_slice(head.strip_suffix(b"}").unwrap_or(&head));
        bytes.extend_from_slice(b",\"layers\":[");
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(layer);
        }
        bytes.push(b']');
        bytes.extend_from_slice(&tail);
        bytes.push(b'}');
        Ok(bytes)
    }
}
