use std::collections::BTreeMap;

use serde::Serialize;

use super::Descriptor;

/// An OCI image manifest, members in the order in which Go's image-spec types write them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest<'a> {
    pub schema_version: u8,
    pub media_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<&'a str>,
    pub config: &'a Descriptor,
    pub layers: &'a [Descriptor],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: &'a BTreeMap<String, String>,
}
