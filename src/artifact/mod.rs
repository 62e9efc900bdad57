//! A plan and its digests to config and manifest bytes, one file per dialect.
//!
//! Enters: a [`Plan`](crate::plan::Plan), the digests of its layers' blobs, a [`Recipe`]. Leaves: an [`Artifact`],
//! whose bytes depend on nothing else: no clock, no host, no locale. Also the bytes around a file's content where a
//! layer is a tar ([`Envelope`]).

pub mod annotation;
mod assemble;
mod descriptor;
mod dialect;
mod docker;
mod docker_class;
mod docker_size;
mod envelope;
mod error;
mod finding;
pub mod json;
mod layer;
mod manifest;
pub mod media_type;
mod modelpack;
pub mod read;
mod recipe;
pub mod tar;

use std::collections::BTreeMap;

pub use assemble::{assemble, layer_media_type};
pub use descriptor::Descriptor;
pub use dialect::Dialect;
pub use docker_class::FileClass;
pub use envelope::Envelope;
pub use error::Error;
pub use finding::{Concern, Finding, findings};
pub use layer::Layer;
pub use manifest::manifest_for_layers;
pub use recipe::{Encoding, Recipe, Spec};

/// A model artifact: everything but the layers' bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Descriptor of the manifest; its digest is the artifact's.
    pub descriptor: Descriptor,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
    /// Descriptor of the config blob.
    pub config: Descriptor,
    /// The config blob's bytes.
    pub config_bytes: Vec<u8>,
    /// The layers in manifest order.
    pub layers: Vec<Layer>,
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
}
