use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Metadata, PlannedFile};
use crate::digest::{Digest, Stamp};

/// The artifact that `FROM` names, as far as a plan takes it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// What the Modelfile calls it.
    pub reference: String,
    /// The digest of its manifest, whatever its tag stands for later.
    pub digest: Digest,
    /// What is stated of the model there.
    pub metadata: Metadata,
    /// Its layers; each is [`PlannedFile::inherited`].
    pub files: Vec<PlannedFile>,
    /// Where it lies.
    pub place: Place,
}

/// Where a base lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On disk; the file tells whether it is another one: a layout's index, or the archive.
    Disk(PathBuf),
    /// In a registry.
    Registry(Home),
}

impl Place {
    /// The file that tells whether the base is another one.
    #[must_use]
    pub fn input(&self) -> Option<&Path> {
        match self {
            Self::Disk(path) => Some(path),
            Self::Registry(_) => None,
        }
    }

    /// The repository, where it is in a registry.
    #[must_use]
    pub const fn home(&self) -> Option<&Home> {
        match self {
            Self::Disk(_) => None,
            Self::Registry(home) => Some(home),
        }
    }
}

/// A repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The registry's host.
    pub host: String,
    /// The repository's name.
    pub repository: String,
}

/// What is known of a layer that stands in another artifact already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    /// The digest of its blob.
    pub digest: Digest,
    /// Size of the blob in bytes.
    pub size: u64,
    /// Where the blob is.
    pub blob: InheritedBlob,
    /// The digest of the blob before it was compressed.
    pub diff_id: Digest,
    /// How the file is in the blob.
    pub encoding: LayerEncoding,
    /// The layer's annotations.
    pub annotations: BTreeMap<String, String>,
    /// What the Modelfile calls the artifact.
    pub base: String,
}

/// Where the blob of an inherited layer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InheritedBlob {
    /// In a file, which may hold others.
    File {
        /// The file.
        path: PathBuf,
        /// What `stat` said of it when the plan was made.
        stamp: Stamp,
        /// Where the blob begins in it, in bytes.
        offset: u64,
    },
    /// In a registry.
    Registry(Home),
}

/// How a file is in a layer's blob: `ModelPack`'s four encodings, and two of `KitOps`'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LayerEncoding {
    /// Its bytes as they are.
    Raw,
    /// A tar.
    Tar,
    /// A tar, compressed by gzip.
    TarGzip,
    /// A tar, compressed by zstd.
    TarZstd,
    /// Its bytes, compressed by gzip.
    RawGzip,
    /// Its bytes, compressed by zstd.
    RawZstd,
}

impl LayerEncoding {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Raw,
        Self::Tar,
        Self::TarGzip,
        Self::TarZstd,
        Self::RawGzip,
        Self::RawZstd,
    ];

    /// Those that `ModelPack` has.
    pub const MODELPACK: [Self; 4] = [Self::Raw, Self::Tar, Self::TarGzip, Self::TarZstd];

    /// Whether it is a tar, be it compressed, so that only its bytes tell which files are in it.
    #[must_use]
    pub const fn is_tar(self) -> bool {
        matches!(self, Self::Tar | Self::TarGzip | Self::TarZstd)
    }

    /// Whether the bytes that are meant are others than the blob's.
    #[must_use]
    pub const fn is_compressed(self) -> bool {
        !matches!(self, Self::Raw | Self::Tar)
    }

    /// How media types say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Tar => "tar",
            Self::TarGzip => "tar+gzip",
            Self::TarZstd => "tar+zstd",
            Self::RawGzip => "raw+gzip",
            Self::RawZstd => "raw+zstd",
        }
    }
}
