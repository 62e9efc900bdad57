//! What is said of artifacts and files that another one took the place of.

use serde_json::{Value, json};

use super::size::plural;
use crate::store::Replaced;

/// How many files a note names.
const NAMED: usize = 10;

/// For people: a note for each of those that were at `place`, and what to do. What a registry removes it alone knows.
pub fn notes<'a>(
    place: &'a str,
    is_remote: bool,
    replaced: &'a [Replaced],
) -> impl Iterator<Item = (String, &'static str)> + 'a {
    replaced.iter().map(move |replaced| match (&replaced.tag, is_remote) {
        (Some(tag), true) => (
            format!("in `{place}` the tag `{tag}` was taken from {}", replaced.digest),
            "its blobs stay; to keep its name too, give this one another tag",
        ),
        (Some(tag), false) => (
            format!("in `{place}` the tag `{tag}` was taken from {}", replaced.digest),
            "unless it has another tag, it is no longer listed, and the next `prune` removes what only it has; to keep both, give it another tag first with `modelbuild tag`, or this one another",
        ),
        (None, _) => (
            format!(
                "in `{place}` this takes the place of {}, which had no tag",
                replaced.digest
            ),
            "it is no longer listed, and the next `prune` removes what only it has; to keep several artifacts, give each a tag",
        ),
    })
}

/// For machines.
pub fn json(replaced: &Replaced) -> Value {
    json!({"tag": replaced.tag, "digest": replaced.digest})
}

/// For people: that files were replaced which somebody may have edited, and what to do; nothing of none.
pub fn files(paths: &[&str]) -> Option<(String, &'static str)> {
    if paths.is_empty() {
        return None;
    }
    let named: Vec<_> = paths.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    let more = match paths.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let was = if paths.len() == 1 { "was" } else { "were" };
    let message = format!(
        "{} that differed {was} replaced: {}{more}",
        plural(paths.len(), "file"),
        named.join(", ")
    );
    Some((message, "to keep what is there, extract to another directory"))
}
