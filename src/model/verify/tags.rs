//! The names that the entries of a layout's index give to artifacts.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Subject;
use super::rule::{TAG_DIFFERS, TAG_TWICE};
use super::survey::Survey;
use crate::artifact::Descriptor;
use crate::store::{IMAGE_NAME, Name, REF_NAME};

/// How many digests a message names.
const NAMED: usize = 4;

pub fn judge(entries: &[&Descriptor], survey: &mut Survey<'_>) {
    let mut tags: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
    for entry in entries {
        let Some(tag) = entry.annotations.get(REF_NAME) else {
            continue;
        };
        tags.entry(tag).or_default().insert(entry.digest);
        if let Some(name) = entry.annotations.get(IMAGE_NAME).filter(|name| !is_same(name, tag)) {
            let what = format!("is called `{name}`, and has the tag `{tag}`");
            survey
                .findings
                .add(TAG_DIFFERS, Subject::blob("manifest", entry.digest), what);
        }
    }
    for (tag, digests) in tags.into_iter().filter(|(_, digests)| digests.len() > 1) {
        let count = digests.len();
        let named: Vec<_> = digests.iter().take(NAMED).map(ToString::to_string).collect();
        let more = count.checked_sub(NAMED).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        let what = format!("has {count} artifacts by the tag `{tag}`: {}{more}", named.join(", "));
        survey.findings.add(TAG_TWICE, Subject::file("index.json"), what);
    }
}

/// Whether a whole name is one of the tag; some tools write the whole name for that, too.
fn is_same(name: &str, tag: &str) -> bool {
    name == tag
        || name
            .parse::<Name>()
            .is_ok_and(|name| name.tag() == tag || name.full() == Some(tag))
}
