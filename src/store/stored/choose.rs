use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::OpenError;
use crate::artifact::Descriptor;
use crate::store::layout::REF_NAME;
use crate::store::reference::Choice;

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Box<RawValue>>,
}

/// The entry of an `index.json` that is meant. Entries with digests other than SHA-256 cannot be.
pub fn choose(index: &[u8], choice: &Choice, path: &Path) -> Result<Descriptor, OpenError> {
    let index: Index = serde_json::from_slice(index).map_err(|error| OpenError::Damaged {
        path: path.to_owned(),
        what: format!("index.json is not an image index: {error}"),
    })?;
    let entries: Vec<Descriptor> = index
        .manifests
        .iter()
        .filter_map(|raw| serde_json::from_str(raw.get()).ok())
        .collect();
    let tag = |entry: &Descriptor| entry.annotations.get(REF_NAME).cloned();
    let listed = || {
        let names = entries
            .iter()
            .map(|entry| tag(entry).unwrap_or_else(|| entry.digest.to_string()));
        names
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|name| format!("`{name}`"))
            .collect()
    };
    let path = || path.to_owned();
    if entries.is_empty() {
        return Err(OpenError::Empty { path: path() });
    }
    let wanted = |wanted: String| OpenError::NotThere {
        path: path(),
        wanted,
        listed: listed(),
    };
    let mut matching = entries.iter().filter(|entry| match choice {
        Choice::Only => true,
        Choice::Tag(wanted) => tag(entry).as_ref() == Some(wanted),
        Choice::Digest(wanted) => entry.digest == *wanted,
    });
    let first = matching.next().ok_or_else(|| match choice {
        Choice::Tag(tag) => wanted(tag.clone()),
        Choice::Digest(digest) => wanted(digest.to_string()),
        Choice::Only => OpenError::Empty { path: path() },
    })?;
    // One artifact may have several tags.
    if *choice == Choice::Only && matching.any(|other| other.digest != first.digest) {
        return Err(OpenError::Several {
            path: path(),
            listed: listed(),
        });
    }
    Ok(first.clone())
}
