use super::Descriptor;

/// A manifest, an index or a config: small enough to be in memory, and moved as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Describes it.
    pub descriptor: Descriptor,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is for.
    pub role: Role,
}

/// What a document is to the artifact that it goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The artifact's own config.
    Config,
    /// The config of another manifest that goes with it.
    Part,
    /// A manifest or an index that the artifact lists.
    Member,
    /// A manifest or an index that refers to the artifact, or to one that does or is listed: a signature, say.
    Referrer,
}

impl Document {
    /// A document whose bytes decide its digest.
    #[must_use]
    pub fn new(media_type: &str, bytes: Vec<u8>, role: Role) -> Self {
        Self {
            descriptor: Descriptor::of(media_type, &bytes),
            bytes,
            role,
        }
    }
}

impl Role {
    /// Whether it is a manifest or an index: registries keep those apart from blobs.
    #[must_use]
    pub const fn is_manifest(self) -> bool {
        match self {
            Self::Config | Self::Part => false,
            Self::Member | Self::Referrer => true,
        }
    }
}
