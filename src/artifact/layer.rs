use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::Descriptor;
use crate::digest::Digest;

/// What an artifact knows of a layer. Its annotations stand in the manifest alone: nobody asks for them again, and of
/// 10,000 layers they would be most of what is in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Media type of the blob.
    pub media_type: String,
    /// Digest of the blob.
    pub digest: Digest,
    /// Size of the blob in bytes.
    pub size: u64,
}

impl From<&Descriptor> for Layer {
    fn from(descriptor: &Descriptor) -> Self {
        Self {
            media_type: descriptor.media_type.clone(),
            digest: descriptor.digest,
            size: descriptor.size,
        }
    }
}

/// A layer's [`Descriptor`] as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described<'a> {
    pub media_type: &'a str,
    pub digest: &'a Digest,
    pub size: u64,
    pub annotations: BTreeMap<&'a str, Cow<'a, str>>,
}
