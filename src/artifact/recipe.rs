use std::collections::BTreeMap;

use jiff::Timestamp;

/// Which dialect the artifact speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spec {
    /// CNCF `ModelPack`.
    #[default]
    ModelPack,
    /// Docker's model artifacts, as Docker Model Runner writes and reads them.
    Docker,
}

impl Spec {
    /// The word that options, tables and JSON show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ModelPack => "modelpack",
            Self::Docker => "docker",
        }
    }
}

/// How a file becomes a layer's blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// The file's bytes as they are.
    #[default]
    Raw,
    /// An uncompressed tar with one member.
    Tar,
}

/// What decides the artifact beside the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// The dialect.
    pub spec: Spec,
    /// How files become layers.
    pub encoding: Encoding,
    /// The one time stamp that may appear (`--created`, else `SOURCE_DATE_EPOCH`); file times are 1970 without it.
    pub created: Option<Timestamp>,
    /// Annotations of the command line, for the manifest; they win over the Modelfile's.
    pub annotations: BTreeMap<String, String>,
}
