use std::collections::BTreeSet;
use std::path::Path;

use super::{Error, locked, rewrite};
use crate::artifact::read;
use crate::digest::Digest;
use crate::registry::listed_subject;
use crate::store::layout::{Entry, Index};
use crate::store::stored::{OpenError, document};
use crate::store::{Choice, Durability, Replaced};

/// What taking entries out of an index did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// The entries that were chosen.
    pub entries: Vec<Replaced>,
    /// Entries of what only said something of an artifact that has none any more, as signatures do.
    pub referrers: Vec<Replaced>,
    /// The chosen ones' digests that have entries still, under other tags.
    pub kept: Vec<String>,
}

/// Takes the entries that `choices` mean out of the index of the layout at `path`: one for a tag, all of them for a
/// digest. No blob is touched. What refers to an artifact that loses its last entry goes along. An entry that leads to
/// something damaged, or to nothing, can be taken out too.
///
/// # Errors
/// It is no layout, one of the choices is not there, or it cannot be written to.
pub fn remove(path: &Path, choices: &[Choice], durability: Durability) -> Result<Removed, Error> {
    let _locked = locked(path)?;
    let old = Index::read(path)?;
    let entries = old.entries();
    for choice in choices {
        if !entries.iter().any(|entry| is_chosen(entry, choice)) {
            let name = |entry: &Entry| entry.tag().unwrap_or_else(|| entry.digest()).to_owned();
            return Err(OpenError::not_there(path, choice, entries.iter().map(name)).into());
        }
    }
    let is_gone = |entry: &Entry| choices.iter().any(|choice| is_chosen(entry, choice));
    let (chosen, left): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_gone);
    let left_over = |entry: &&Entry| left.iter().any(|other| other.digest() == entry.digest());
    let kept = chosen.iter().filter(left_over).map(|entry| entry.digest().to_owned());
    let kept: BTreeSet<_> = kept.collect();
    let bereft = bereft(path, &chosen, left);
    let is_bereft = |entry: &Entry| {
        let same = |other: &Entry| (other.digest(), other.tag()) == (entry.digest(), entry.tag());
        bereft.iter().any(same)
    };
    let new = old.without(path, |entry| is_gone(entry) || is_bereft(entry))?;
    rewrite(path, &old, &new, durability)?;
    Ok(Removed {
        entries: chosen.into_iter().map(Entry::replaced).collect(),
        referrers: bereft.into_iter().map(Entry::replaced).collect(),
        kept: kept.into_iter().collect(),
    })
}

fn is_chosen(entry: &Entry, choice: &Choice) -> bool {
    match choice {
        Choice::Only => true,
        Choice::Tag(tag) => entry.tag() == Some(tag),
        Choice::Digest(digest) => entry.digest() == digest.to_string(),
    }
}

/// Those of `left` that only say something of what nothing else leads to, now that `chosen` are gone.
fn bereft(path: &Path, chosen: &[Entry], left: Vec<Entry>) -> Vec<Entry> {
    let (mut referrers, main): (Vec<_>, Vec<_>) = left.into_iter().partition(|entry| subject(path, entry).is_some());
    let mut gone = manifests(path, chosen);
    let stay = manifests(path, &main);
    gone.retain(|digest| !stay.contains(digest));
    let mut bereft = Vec::new();
    loop {
        // What refers to one of these is itself referred to, now and then.
        let is_bereft = |entry: &Entry| subject(path, entry).is_some_and(|subject| gone.contains(&subject));
        let (more, others): (Vec<_>, Vec<_>) = referrers.into_iter().partition(is_bereft);
        if more.is_empty() {
            return bereft;
        }
        gone.extend(manifests(path, &more));
        bereft.extend(more);
        referrers = others;
    }
}

/// What an entry only says something of: one without a tag that has a subject, or a list of referrers.
fn subject(path: &Path, entry: &Entry) -> Option<Digest> {
    match entry.tag() {
        Some(tag) => listed_subject(tag),
        None => read::subject(&document(path, &entry.descriptor()?)?),
    }
}

/// The digests of all manifests that entries lead to, as far as those can be read.
fn manifests(path: &Path, entries: &[Entry]) -> BTreeSet<Digest> {
    let mut found = BTreeSet::new();
    let mut next: Vec<_> = entries.iter().filter_map(Entry::descriptor).collect();
    while let Some(descriptor) = next.pop() {
        if !found.insert(descriptor.digest) {
            continue;
        }
        let bytes = document(path, &descriptor).unwrap_or_default();
        next.extend(read::needs(&bytes).map(|needs| needs.manifests).unwrap_or_default());
    }
    found
}
