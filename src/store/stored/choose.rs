use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::OpenError;
use crate::artifact::Descriptor;
use crate::digest::Digest;
use crate::store::layout::REF_NAME;
use crate::store::reference::Choice;

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Box<RawValue>>,
}

/// The entry of an `index.json` that is meant. Entries with digests other than SHA-256 cannot be, and where nothing is
/// said of it, neither can those without a tag for which `is_referrer` says yes: they only say something of another one.
pub fn choose(
    index: &[u8],
    choice: &Choice,
    path: &Path,
    is_referrer: impl Fn(&Descriptor) -> bool,
) -> Result<Descriptor, OpenError> {
    let mut matching = matching(index, choice, path)?;
    if *choice == Choice::Only && matching.len() > 1 {
        let is_main = |(tag, entry): &(Option<String>, Descriptor)| match tag {
            Some(tag) => !is_list_of_referrers(tag),
            None => !is_referrer(entry),
        };
        if matching.iter().any(is_main) {
            matching.retain(is_main);
        }
    }
    let mut digests = matching.iter().map(|(_, entry)| entry.digest);
    let first = digests.next();
    // One artifact may have several tags.
    if *choice == Choice::Only && digests.any(|other| Some(other) != first) {
        return Err(OpenError::Several {
            path: path.to_owned(),
            listed: listed(&matching),
        });
    }
    let first = matching.into_iter().next();
    first
        .map(|(_, entry)| entry)
        .ok_or_else(|| OpenError::Empty { path: path.to_owned() })
}

/// All entries of an `index.json` that may be meant, with their tags; at least one.
pub fn matching(index: &[u8], choice: &Choice, path: &Path) -> Result<Vec<(Option<String>, Descriptor)>, OpenError> {
    let index: Index = serde_json::from_slice(index).map_err(|error| OpenError::Damaged {
        path: path.to_owned(),
        what: format!("index.json is not an image index: {error}"),
    })?;
    let entries = index.manifests.iter().filter_map(|raw| {
        let entry: Descriptor = serde_json::from_str(raw.get()).ok()?;
        Some(tagged(entry))
    });
    let mut entries: Vec<_> = entries.collect();
    if entries.is_empty() {
        return Err(OpenError::Empty { path: path.to_owned() });
    }
    let names = listed(&entries);
    let wanted = match choice {
        Choice::Only => return Ok(entries),
        Choice::Tag(wanted) => {
            entries.retain(|(tag, _)| tag.as_ref() == Some(wanted));
            wanted.clone()
        }
        Choice::Digest(wanted) => {
            entries.retain(|(_, entry)| entry.digest == *wanted);
            wanted.to_string()
        }
    };
    if entries.is_empty() {
        return Err(OpenError::NotThere {
            path: path.to_owned(),
            wanted,
            listed: names,
        });
    }
    Ok(entries)
}

/// Whether a tag is the one under which registries without a list of referrers have it (OCI distribution-spec,
/// "Referrers Tag Schema").
pub fn is_list_of_referrers(tag: &str) -> bool {
    tag.strip_prefix("sha256-")
        .is_some_and(|hex| Digest::from_hex(hex).is_some())
}

/// An entry with its tag.
pub fn tagged(entry: Descriptor) -> (Option<String>, Descriptor) {
    (entry.annotations.get(REF_NAME).cloned(), entry)
}

/// Tags, or digests where there are none.
pub fn listed(entries: &[(Option<String>, Descriptor)]) -> Vec<String> {
    let names = entries
        .iter()
        .map(|(tag, entry)| tag.clone().unwrap_or_else(|| entry.digest.to_string()));
    let names: BTreeSet<_> = names.collect();
    names.into_iter().map(|name| format!("`{name}`")).collect()
}
