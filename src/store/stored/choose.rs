use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::OpenError;
use super::error::quoted;
use crate::artifact::read::ReadError;
use crate::artifact::{Descriptor, read};
use crate::registry::listed_subject;
use crate::store::layout::REF_NAME;
use crate::store::reference::Choice;

/// The entries of an image index, each to be read for itself: what one of them says does not hide the others.
pub fn raw_entries(index: &[u8]) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
    /// OCI image-spec, image-index.md.
    #[derive(Deserialize)]
    struct Index {
        #[serde(default)]
        manifests: Vec<Box<RawValue>>,
    }
    serde_json::from_slice::<Index>(index).map(|index| index.manifests)
}

/// A place in the file system, and whether another one may have what is damaged in it.
#[derive(Clone, Copy)]
pub struct Spot<'a> {
    pub path: &'a Path,
    pub is_mendable: bool,
}

/// The entry of an `index.json` that is meant. Entries with digests other than SHA-256 cannot be, and where nothing is
/// said of it, neither can those without a tag for which `is_referrer` says yes: they only say something of another one.
pub fn choose(
    index: &[u8],
    choice: &Choice,
    spot: Spot<'_>,
    is_referrer: impl Fn(&Descriptor) -> bool,
) -> Result<Descriptor, OpenError> {
    let path = spot.path;
    let mut matching = matching(index, choice, spot)?;
    if *choice == Choice::Only && matching.len() > 1 {
        let is_main = |(tag, entry): &(Option<String>, Descriptor)| match tag {
            Some(tag) => listed_subject(tag).is_none(),
            None => !is_referrer(entry),
        };
        if matching.iter().any(is_main) {
            matching.retain(is_main);
        }
    }
    let mut digests = matching.iter().map(|(_, entry)| entry.digest);
    let first = digests.next();
    // One artifact may have several tags.
    if digests.any(|other| Some(other) != first) {
        let path = path.to_owned();
        let all = matching.iter().map(|(_, entry)| entry.digest.to_string());
        return Err(match choice {
            Choice::Tag(tag) => OpenError::SameTag {
                path,
                tag: tag.clone(),
                listed: quoted(all.collect()),
            },
            Choice::Only | Choice::Digest(_) => OpenError::Several {
                path,
                listed: quoted(names(&matching).collect()),
            },
        });
    }
    let first = matching.into_iter().next();
    first
        .map(|(_, entry)| entry)
        .ok_or_else(|| OpenError::Empty { path: path.to_owned() })
}

/// All entries of an `index.json` that may be meant, with their tags; at least one.
pub fn matching(
    index: &[u8],
    choice: &Choice,
    Spot { path, is_mendable }: Spot<'_>,
) -> Result<Vec<(Option<String>, Descriptor)>, OpenError> {
    let damaged = |what| OpenError::Damaged {
        path: path.to_owned(),
        what,
        is_mendable: false,
    };
    if let Err(ReadError::Ambiguous(how)) = read::kind(index) {
        return Err(damaged(format!("index.json is ambiguous: it {how}")));
    }
    let entries = raw_entries(index).map_err(|error| OpenError::Damaged {
        path: path.to_owned(),
        what: format!("index.json is not an image index: {error}"),
        is_mendable,
    })?;
    let (mut listed, mut wrong) = (Vec::with_capacity(entries.len()), None);
    for raw in &entries {
        match serde_json::from_str(raw.get()) {
            Ok(entry) => listed.push(tagged(entry)),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    // What cannot be read is left to others, as long as there is something that can.
    if let Some(error) = wrong.filter(|_| listed.is_empty()) {
        return Err(damaged(format!("index.json lists nothing that can be read: {error}")));
    }
    let mut entries = listed;
    let is_meant = |(tag, entry): &(Option<String>, Descriptor)| match choice {
        Choice::Only => true,
        Choice::Tag(wanted) => tag.as_ref() == Some(wanted),
        Choice::Digest(wanted) => entry.digest == *wanted,
    };
    if !entries.iter().any(is_meant) {
        return Err(OpenError::not_there(path, choice, names(&entries)));
    }
    entries.retain(is_meant);
    Ok(entries)
}

/// An entry with its tag.
pub fn tagged(entry: Descriptor) -> (Option<String>, Descriptor) {
    (entry.annotations.get(REF_NAME).cloned(), entry)
}

/// Tags, or digests where there are none.
pub fn names(entries: &[(Option<String>, Descriptor)]) -> impl Iterator<Item = String> {
    let name = |(tag, entry): &(Option<String>, Descriptor)| tag.clone().unwrap_or_else(|| entry.digest.to_string());
    entries.iter().map(name)
}
