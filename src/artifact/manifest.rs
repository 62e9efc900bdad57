use std::collections::BTreeMap;

use serde::Serialize;

use super::{Descriptor, json};

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
