use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Metadata, PlannedFile};
use crate::digest::Digest;

/// The artifact that `FROM` names, as far as a plan takes it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// What the Modelfile calls it.
    pub reference: String,
    /// What is stated of the model there.
    pub metadata: Metadata,
    /// Its layers; each has [`PlannedFile::inherited`].
    pub files: Vec<PlannedFile>,
    /// The file that tells whether it is another one: a layout's index, or the archive.
    pub input: Option<PathBuf>,
}

/// What is known of a layer that stands in another artifact already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    /// The digest of its blob.
    pub digest: Digest,
    /// Size of the blob in bytes.
    pub size: u64,
    /// Where the blob begins in the file that holds it, in bytes.
    pub offset: u64,
    /// The digest of the blob before it was compressed.
    pub diff_id: Digest,
    /// How the file is in the blob.
    pub encoding: LayerEncoding,
    /// The layer's annotations.
    pub annotations: BTreeMap<String, String>,
    /// What the Modelfile calls the artifact.
    pub base: String,
}

/// How a file is in a layer's blob (`ModelPack`'s four encodings).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerEncoding {
    /// Its bytes as they are.
    Raw,
    /// A tar.
    Tar,
    /// A tar, compressed by gzip.
    TarGzip,
    /// A tar, compressed by zstd.
    TarZstd,
}

impl LayerEncoding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Tar, Self::TarGzip, Self::TarZstd];

    /// How `ModelPack`'s media types say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Tar => "tar",
            Self::TarGzip => "tar+gzip",
            Self::TarZstd => "tar+zstd",
        }
    }
}
