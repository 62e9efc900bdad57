use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::entry::Entry;
use crate::artifact::{Descriptor, Document, json, media_type};
use crate::store::{Error, Name, Replaced};

/// The tag alone: what skopeo, oras and umoci look up.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The whole reference: what containerd and podman name the artifact by.
pub const IMAGE_NAME: &str = "io.containerd.image.name";

/// An index is read into memory whole; one of a model layout has a few hundred bytes.
const LIMIT: u64 = 64 << 20;

/// The bytes of an `index.json` that was found to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index(Vec<u8>);

/// What we know of it; the entries of others go through as they are, to the byte.
#[derive(Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "an object with `schemaVersion` and `manifests`"
)]
struct Members {
    schema_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<Box<RawValue>>,
    #[serde(default)]
    manifests: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Box<RawValue>>,
}

impl Index {
    /// An index without entries.
    pub fn empty() -> Result<Self, Error> {
        Self::of(&Members {
            schema_version: 2,
            media_type: Some(media_type::OCI_INDEX.to_owned()),
            artifact_type: None,
            manifests: Vec::new(),
            subject: None,
            annotations: None,
        })
    }

    /// The index of the layout `layout`.
    pub fn read(layout: &Path) -> Result<Self, Error> {
        let damaged = |what| Error::Damaged {
            path: layout.into(),
            what,
        };
        let path = layout.join("index.json");
        // Looked at before it is opened: a FIFO would be waited for, a device read for ever.
        match fs_err::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => return Err(damaged("index.json is not a file".to_owned())),
            Ok(metadata) if metadata.len() > LIMIT => {
                let size = metadata.len();
                return Err(damaged(format!("index.json has {size} bytes; {LIMIT} are the most")));
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(damaged("index.json is missing".to_owned()));
            }
            Err(error) => return Err(Error::writing(error)),
        }
        let index = Self(fs_err::read(&path).map_err(Error::writing)?);
        index.parse().map_err(damaged)?;
        Ok(index)
    }

    /// An `index.json` that lies anywhere; `None` where the bytes are none.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let index = Self(bytes);
        index.parse().is_ok().then_some(index)
    }

    /// An index of one artifact, under the names that its annotations have.
    pub fn of_one(descriptor: &Descriptor) -> Result<Self, Error> {
        let mut members = Self::empty()?
            .parse()
            .map_err(std::io::Error::other)
            .map_err(Error::writing)?;
        members.manifests.push(raw(descriptor)?);
        Self::of(&members)
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Checks that every entry is a descriptor, and that the manifest that it describes is in the layout `layout`, whole.
    pub fn verify(&self, layout: &Path) -> Result<(), Error> {
        let damaged = |what| Error::Damaged {
            path: layout.into(),
            what,
        };
        let members = self.parse().map_err(damaged)?;
        for (raw, number) in members.manifests.iter().zip(1..) {
            Entry::parse(raw.get())
                .map_err(|why| damaged(format!("entry {number} of index.json is no descriptor: {why}")))?
                .verify(layout)?;
        }
        Ok(())
    }

    /// The index with an entry for `descriptor` under each of `names`; without names, with any entry for it.
    ///
    /// An entry that has one of the tags is replaced, whatever its whole reference: skopeo and oras look up the tag, and
    /// would take the first of two. The artifact also takes the place of an earlier one without a name for which
    /// `is_outdated` says so: a layout that is built again and again keeps one entry, which is what skopeo and crane can
    /// read without further flags. Everything else stays. Also returns what other artifacts were replaced.
    pub fn with(
        &self,
        layout: &Path,
        descriptor: &Descriptor,
        names: &[Name],
        is_outdated: impl Fn(&Entry) -> bool,
    ) -> Result<(Self, Vec<Replaced>), Error> {
        let mut members = self.parse().map_err(|what| Error::Damaged {
            path: layout.into(),
            what,
        })?;
        let before = texts(&members.manifests);
        let mut kept = Vec::new();
        let mut is_there = false;
        let mut gone = Vec::new();
        for raw in members.manifests {
            let entry = Entry::parse(raw.get()).ok();
            let replaced = entry.as_ref().is_some_and(|entry| match entry.tag() {
                Some(tag) => names.iter().any(|name| tag == name.tag()),
                None => entry.is(descriptor) || is_outdated(entry),
            });
            if !replaced {
                is_there |= entry.is_some_and(|entry| entry.is(descriptor));
                kept.push(raw);
            } else if let Some(entry) = entry.filter(|entry| !entry.is(descriptor)) {
                gone.push(entry.replaced());
            }
        }
        members.manifests = kept;
        let mut entries = Vec::new();
        for name in names {
            let mut entry = Self::entry(descriptor);
            entry.annotations.insert(REF_NAME.to_owned(), name.tag().to_owned());
            if let Some(full) = name.full() {
                entry.annotations.insert(IMAGE_NAME.to_owned(), full.to_owned());
            }
            entries.push(entry);
        }
        // A second entry for what has a tag already would make skopeo ask which one is meant.
        if entries.is_empty() && !is_there {
            entries.push(Self::entry(descriptor));
        }
        for entry in entries {
            members.manifests.push(raw(&entry)?);
        }
        // Only the order would be another one.
        if texts(&members.manifests) == before {
            return Ok((self.clone(), gone));
        }
        Ok((Self::of(&members)?, gone))
    }

    /// The same with an entry without a tag for each of `referrers` that has none yet. Without `artifactType`: skopeo
    /// 1.9.3 drops that from an index, and so would say another digest of one that it copies.
    pub fn beside<'a>(&self, layout: &Path, referrers: impl Iterator<Item = &'a Document>) -> Result<Self, Error> {
        let mut members = self.parse().map_err(|what| Error::Damaged {
            path: layout.into(),
            what,
        })?;
        for referrer in referrers {
            let is_it = |raw: &RawValue| Entry::parse(raw.get()).is_ok_and(|entry| entry.is(&referrer.descriptor));
            if !members.manifests.iter().any(|raw| is_it(raw)) {
                members.manifests.push(raw(&Descriptor {
                    annotations: BTreeMap::new(),
                    ..referrer.descriptor.clone()
                })?);
            }
        }
        Self::of(&members)
    }

    /// The entries, as far as they are descriptors.
    pub fn entries(&self) -> Vec<Entry> {
        let members = self.parse().map(|members| members.manifests).unwrap_or_default();
        let entries = members.iter().map(|raw| Entry::parse(raw.get()));
        entries.filter_map(Result::ok).collect()
    }

    /// The same without the entries for which `is_gone` says yes.
    pub fn without(&self, layout: &Path, is_gone: impl Fn(&Entry) -> bool) -> Result<Self, Error> {
        let mut members = self.parse().map_err(|what| Error::Damaged {
            path: layout.into(),
            what,
        })?;
        members
            .manifests
            .retain(|raw| !Entry::parse(raw.get()).is_ok_and(|entry| is_gone(&entry)));
        Self::of(&members)
    }

    /// The same without a name.
    fn entry(descriptor: &Descriptor) -> Descriptor {
        let mut entry = descriptor.clone();
        entry.annotations.retain(|key, _| key != REF_NAME && key != IMAGE_NAME);
        entry
    }

    fn of(members: &Members) -> Result<Self, Error> {
        json::to_vec(members)
            .map(Self)
            .map_err(|error| Error::writing(error.into()))
    }

    fn parse(&self) -> Result<Members, String> {
        let members: Members =
            serde_json::from_slice(&self.0).map_err(|error| format!("index.json is not an image index: {error}"))?;
        if members.schema_version == 2 {
            Ok(members)
        } else {
            Err(format!(
                "index.json has schemaVersion {} instead of 2",
                members.schema_version
            ))
        }
    }
}

/// The entries as they are written, sorted.
fn texts(entries: &[Box<RawValue>]) -> Vec<String> {
    let mut texts: Vec<_> = entries.iter().map(|raw| raw.get().to_owned()).collect();
    texts.sort_unstable();
    texts
}

fn raw(entry: &Descriptor) -> Result<Box<RawValue>, Error> {
    json::to_string(entry)
        .and_then(RawValue::from_string)
        .map_err(|error| Error::writing(error.into()))
}
