use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::artifact::{Artifact, Layer};
use crate::digest::{Digest, Stamp};
use crate::plan::{Plan, PlannedFile};

/// What a build was made from, kept so that the next one can be explained. Nothing is decided by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The manifest's digest.
    pub artifact: Digest,
    /// The Modelfile's text.
    pub modelfile: String,
    /// Everything else that decides the bytes, by the name of its option.
    pub settings: BTreeMap<String, String>,
    /// The layers in manifest order.
    pub files: Vec<RecordedFile>,
}

/// A layer of that build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFile {
    /// Path in the artifact.
    pub path: String,
    /// The kind's name.
    pub kind: String,
    /// Whether the owner could execute it.
    pub executable: bool,
    /// Size of the file in bytes.
    pub size: u64,
    /// What `stat` said; `None` for a layer that was inherited.
    pub stamp: Option<Stamp>,
    /// The digest of the layer's blob.
    pub digest: Digest,
}

/// The version of the document; another one is no record.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document<R> {
    version: u32,
    record: R,
}

impl Record {
    /// The record of a build of `plan` to `artifact`.
    #[must_use]
    pub fn of(plan: &Plan, artifact: &Artifact, modelfile: &str, settings: BTreeMap<String, String>) -> Self {
        let file = |(file, layer): (&PlannedFile, &Layer)| RecordedFile {
            path: file.path.clone(),
            kind: file.kind.name().to_owned(),
            executable: file.executable,
            size: file.size(),
            stamp: file.own().map(|own| own.stamp),
            digest: layer.digest,
        };
        Self {
            artifact: artifact.descriptor.digest,
            modelfile: modelfile.to_owned(),
            settings,
            files: plan.files.iter().zip(&artifact.layers).map(file).collect(),
        }
    }

    /// The record as it is kept.
    ///
    /// # Errors
    /// Never, for a record that a build made.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            version: VERSION,
            record: self,
        })
    }

    /// The record in `bytes`; `None` where they are none of ours, or another version's.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let document: Document<Self> = serde_json::from_slice(bytes).ok()?;
        (document.version == VERSION).then_some(document.record)
    }
}
