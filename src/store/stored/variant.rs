use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::choose::raw_entries;
use super::leaves::Leaves;
use super::{Checked, OpenError, Shelf};
use crate::artifact::Descriptor;
use crate::artifact::read::{Kind, ReadError};
use crate::store::reference::Variant;

/// What an entry says of where the artifact runs, beside its annotations.
#[derive(Deserialize)]
struct Placed {
    #[serde(default)]
    platform: Option<BTreeMap<String, serde_json::Value>>,
}

/// A manifest of an index, and what tells it from the others.
pub struct Entry {
    pub descriptor: Descriptor,
    /// Annotations, and `platform` as docker writes it.
    pub marks: Arc<BTreeMap<String, String>>,
    /// Whether it only attests something of another one in the index, as buildx writes it.
    pub is_attestation: bool,
}

/// The annotation by which buildx says what an entry is to another one.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";

impl Entry {
    fn of(raw: &RawValue) -> Option<Self> {
        let descriptor: Descriptor = serde_json::from_str(raw.get()).ok()?;
        let placed = serde_json::from_str::<Placed>(raw.get()).ok();
        let platform = placed.and_then(|placed| placed.platform).unwrap_or_default();
        let parts = ["os", "architecture", "variant"].map(|key| platform.get(key).and_then(|value| value.as_str()));
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let mut marks = descriptor.annotations.clone();
        let is_attestation = marks
            .get(REFERENCE_TYPE)
            .is_some_and(|kind| kind == "attestation-manifest")
            || parts == ["unknown", "unknown"];
        if !parts.is_empty() {
            marks.entry("platform".to_owned()).or_insert_with(|| parts.join("/"));
        }
        Some(Self {
            descriptor,
            marks: Arc::new(marks),
            is_attestation,
        })
    }

    /// Whether it is an index itself, as the outer one has it.
    pub fn is_index(&self) -> bool {
        Kind::of_media_type(&self.descriptor.media_type) == Some(Kind::Index)
    }

    /// The same where it stands in `index`, another entry: what is said of that holds for all that is in it.
    pub fn within(&self, index: &Self) -> Self {
        let mut marks = (*index.marks).clone();
        marks.extend((*self.marks).clone());
        Self {
            descriptor: self.descriptor.clone(),
            marks: Arc::new(marks),
            is_attestation: self.is_attestation || index.is_attestation,
        }
    }

    /// How many bytes its marks have.
    pub fn said(&self) -> u64 {
        let length = |(key, value): (&String, &String)| key.len() + value.len() + 2 * size_of::<String>();
        self.marks.iter().map(length).sum::<usize>() as u64
    }

    fn is(&self, variant: &Variant) -> bool {
        variant.iter().all(|(key, value)| self.marks.get(key) == Some(value))
    }

    fn shown(&self) -> String {
        let marks: Vec<_> = self
            .marks
            .iter()
            .map(|(key, value)| format!("`{key}={value}`"))
            .collect();
        let digest = self.descriptor.digest;
        if marks.is_empty() {
            digest.to_string()
        } else {
            format!("{digest} ({})", marks.join(", "))
        }
    }
}

/// The entries of an index; those with digests other than SHA-256 cannot be fetched.
pub fn entries(index: &[u8]) -> Vec<Entry> {
    let manifests = raw_entries(index).unwrap_or_default();
    manifests.iter().filter_map(|raw| Entry::of(raw)).collect()
}

/// The manifest in an index, or in one within it, that is meant: the only one that has all marks of `variant`. What attests
/// something of another one is meant where nothing else can be.
pub fn choose(index: &Checked, variant: &Variant, shelf: &dyn Shelf) -> Result<Descriptor, OpenError> {
    let Leaves { entries, unread } = Leaves::of(index, shelf)?;
    let fitting = || entries.iter().filter(|entry| entry.is(variant));
    let is_any = fitting().all(|entry| entry.is_attestation);
    let meant = || fitting().filter(|entry| is_any || !entry.is_attestation);
    let digests: BTreeSet<_> = meant().map(|entry| entry.descriptor.digest).collect();
    match (meant().next(), unread) {
        (None, _) if entries.is_empty() => Err(OpenError::Artifact {
            place: shelf.name(),
            source: ReadError::Index,
        }),
        (None, Some(unread)) => Err(unread),
        (Some(entry), _) if digests.len() == 1 => Ok(entry.descriptor.clone()),
        (found, _) => Err(OpenError::Variants {
            place: shelf.name(),
            fit: if found.is_some() { "several are" } else { "none is" },
            listed: entries.iter().map(Entry::shown).collect(),
        }),
    }
}
