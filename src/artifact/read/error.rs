use super::Ambiguity;
use crate::artifact::Descriptor;
use crate::digest::Digest;
use crate::plan::plural;

/// What tells that an artifact is no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoModel {
    /// The config has this media type, which is none of a model's.
    #[error("its config has the media type `{0}`")]
    Config(String),
    /// The config is a container image's, as that of a signature may be; no layer is, and the first has this media type.
    #[error("no layer is a container image's or a model's, the first has the media type `{0}`")]
    Layers(String),
}

/// Why bytes are no model artifact.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The manifest is not JSON of the right shape.
    #[error("the manifest cannot be read: {0}")]
    Manifest(serde_json::Error),
    /// The config is not JSON of the right shape.
    #[error("the config cannot be read: {0}")]
    Config(serde_json::Error),
    /// Readers do not agree what the manifest or index is.
    #[error("the manifest is ambiguous: it {0}")]
    Ambiguous(Box<Ambiguity>),
    /// Readers do not agree what the config says.
    #[error("the config is ambiguous: it {0}")]
    AmbiguousConfig(Box<Ambiguity>),
    /// It is an index of several manifests.
    #[error("it is an index of several manifests, not one artifact")]
    Index,
    /// It is whole, and something else than a model.
    #[error("it is no model artifact: {0}")]
    NoModel(NoModel),
    /// The bytes are those of another config than the manifest's.
    #[error(
        "the config has {} and the digest {digest}; the manifest states {} and the digest {}",
        plural(*size, "byte"),
        plural(stated.size, "byte"),
        stated.digest
    )]
    OtherConfig {
        /// How many bytes there are.
        size: u64,
        /// Their digest.
        digest: Digest,
        /// What the manifest says of the config.
        stated: Box<Descriptor>,
    },
    /// Config and manifest do not belong together.
    #[error("the config lists {} for {}", plural(*diff_ids, "diff ID"), plural(*layers, "layer"))]
    DiffIds {
        /// How many layers the manifest lists.
        layers: usize,
        /// How many diff IDs the config lists.
        diff_ids: usize,
    },
}
