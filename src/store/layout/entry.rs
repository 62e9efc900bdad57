use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use fs_err::File;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::index::REF_NAME;
use crate::artifact::{Descriptor, media_type};
use crate::digest::Digest;
use crate::plan::plural;
use crate::store::{Error, Replaced};

/// What registries take as a manifest at most, and so read here; of something larger only the size is checked.
const MANIFEST_LIMIT: u64 = 4 << 20;

/// An entry of an index as any tool may have written it (OCI image-spec, descriptor.md).
#[derive(Deserialize)]
pub struct Entry {
    #[serde(rename = "mediaType")]
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl Entry {
    /// The entry that is written as `json`; else why it is none.
    pub fn parse(json: &str) -> Result<Self, String> {
        // By way of a value, for the reasons to name no line and column: they would be those in the entry.
        let value: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if !value.is_object() {
            return Err("not an object".to_owned());
        }
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    /// The tag, if it has one.
    pub fn tag(&self) -> Option<&str> {
        self.annotations.as_ref()?.get(REF_NAME).map(String::as_str)
    }

    /// The digest as it is written, which may be one that this crate cannot compute.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it says of the manifest; `None` where the digest is not a SHA-256 one.
    pub fn descriptor(&self) -> Option<Descriptor> {
        Some(Descriptor {
            media_type: self.media_type.clone(),
            digest: self.digest.parse().ok()?,
            size: self.size,
            annotations: self.annotations.clone().unwrap_or_default(),
        })
    }

    /// Whether it stands for the artifact that `descriptor` describes.
    pub fn is(&self, descriptor: &Descriptor) -> bool {
        self.digest.parse() == Ok(descriptor.digest)
    }

    /// What is said of it when another artifact has its place.
    pub fn replaced(self) -> Replaced {
        Replaced {
            tag: self.tag().map(str::to_owned),
            digest: self.digest,
        }
    }

    /// Checks that the manifest is in the layout, whole. Where it is too large to be read, or its digest is not SHA-256,
    /// the size has to do.
    pub fn verify(&self, layout: &Path) -> Result<(), Error> {
        let damaged = |what: String| {
            Err(Error::DamagedEntry {
                path: layout.into(),
                entry: match self.tag() {
                    Some(tag) => format!("`{tag}` ({})", self.digest),
                    None => self.digest.clone(),
                },
                what,
            })
        };
        let Some(path) = self.blob(layout) else {
            return damaged("it has no valid digest".to_owned());
        };
        // Looked at before it is opened: a FIFO would be waited for, a device read for ever.
        let found = match fs_err::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => return damaged("the manifest is not a file".to_owned()),
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return damaged("the manifest is missing".to_owned()),
            Err(error) => return Err(Error::writing(error)),
        };
        if found != self.size {
            return damaged(format!(
                "the manifest has {} instead of {}",
                plural(found, "byte"),
                self.size
            ));
        }
        if let Ok(digest) = self.digest.parse::<Digest>()
            && let Some(bytes) = small(&path, found)?
            && Digest::of(&bytes) != digest
        {
            return damaged("the manifest has other bytes than its digest says".to_owned());
        }
        Ok(())
    }

    /// Whether its manifest lies in the layout, be it whole or not.
    pub fn is_in(&self, layout: &Path) -> bool {
        self.blob(layout).is_some_and(|path| path.is_file())
    }

    /// Whether it is a model artifact, as its manifest's config says, and not one that only refers to another.
    pub fn is_model(&self, layout: &Path) -> bool {
        #[derive(Deserialize)]
        struct Manifest {
            config: Descriptor,
            #[serde(default)]
            subject: Option<IgnoredAny>,
        }
        let path = self.blob(layout).filter(|path| path.is_file());
        let manifest = path.and_then(|path| small(&path, self.size).ok().flatten());
        manifest
            .and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok())
            .is_some_and(|manifest| {
                manifest.subject.is_none() && media_type::is_model_config(&manifest.config.media_type)
            })
    }

    /// Where the layout keeps the manifest; `None` where the digest is none (OCI image-spec, descriptor.md, "Digests").
    fn blob(&self, layout: &Path) -> Option<PathBuf> {
        let (algorithm, encoded) = self.digest.split_once(':')?;
        let is_word =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
        let is_encoded = |byte: u8| byte.is_ascii_alphanumeric() || b"=_-".contains(&byte);
        let valid = if algorithm == "sha256" {
            self.digest.parse::<Digest>().is_ok()
        } else {
            algorithm.split(['+', '.', '_', '-']).all(is_word) && !encoded.is_empty() && encoded.bytes().all(is_encoded)
        };
        valid.then(|| layout.join("blobs").join(algorithm).join(encoded))
    }
}

/// The bytes of a file of `size` bytes, if that is no more than a manifest may have.
fn small(path: &Path, size: u64) -> Result<Option<Vec<u8>>, Error> {
    if size > MANIFEST_LIMIT {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Error::writing)?;
    file.take(size).read_to_end(&mut bytes).map_err(Error::writing)?;
    Ok(Some(bytes))
}
