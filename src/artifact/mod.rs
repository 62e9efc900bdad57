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
mod document;
mod envelope;
mod error;
mod finding;
pub mod json;
mod layer;
mod manifest;
pub mod media_type;
mod modelpack;
mod original;
pub mod read;
mod recipe;
pub mod tar;
mod unsaid;

use std::collections::BTreeMap;

pub use assemble::{assemble, layer_media_type};
pub use descriptor::{Descriptor, LARGEST_SIZE};
pub use dialect::Dialect;
pub use docker_class::FileClass;
pub use document::{Document, Role};
pub use envelope::Envelope;
pub use error::Error;
pub use finding::{Concern, Finding, findings};
pub use layer::Layer;
pub use manifest::manifest_for_layers;
pub use original::{CONVERTED_FROM, Original};
pub use recipe::{Encoding, Recipe, Spec};
pub use unsaid::unsaid;

/// A model artifact, or an index of several: everything but the layers' bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Descriptor of the manifest or index; its digest is the artifact's.
    pub descriptor: Descriptor,
    /// The bytes of that.
    pub manifest: Vec<u8>,
    /// All other documents that belong to it, each behind those that it needs: the config; of an index, its manifests
    /// and their configs; what refers to it, if that goes along.
    pub documents: Vec<Document>,
    /// The layers in manifest order; behind those of the artifact itself the ones that only other manifests have.
    pub layers: Vec<Layer>,
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Artifact {
    /// The config; an index has none.
    #[must_use]
    pub fn config(&self) -> Option<&Document> {
        self.documents.iter().find(|document| document.role == Role::Config)
    }

    /// The documents that refer to the artifact, or to what belongs to it.
    pub fn referrers(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(|document| document.role == Role::Referrer)
    }
}
