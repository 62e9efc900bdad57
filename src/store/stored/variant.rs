use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::OpenError;
use super::choose::raw_entries;
use crate::artifact::Descriptor;
use crate::artifact::read::ReadError;
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

/// The entry of an index that is meant: the only one that has all marks of `variant`. What attests something of another
/// one is meant where nothing else can be.
pub fn choose(index: &[u8], variant: &Variant, place: &str) -> Result<Descriptor, OpenError> {
    let entries = entries(index);
    let fitting = || entries.iter().filter(|entry| entry.is(variant));
    let is_any = fitting().all(|entry| entry.is_attestation);
    let meant = || fitting().filter(|entry| is_any || !entry.is_attestation);
    let digests: BTreeSet<_> = meant().map(|entry| entry.descriptor.digest).collect();
    match meant().next() {
        None if entries.is_empty() => Err(OpenError::Artifact {
            place: place.to_owned(),
            source: ReadError::Index,
        }),
        Some(entry) if digests.len() == 1 => Ok(entry.descriptor.clone()),
        found => Err(OpenError::Variants {
            place: place.to_owned(),
            fit: if found.is_some() { "several are" } else { "none is" },
            listed: entries.iter().map(Entry::shown).collect(),
        }),
    }
}
