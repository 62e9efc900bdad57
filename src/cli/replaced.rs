//! What is said of artifacts that another one took the place of.

use serde_json::{Value, json};

use crate::store::Replaced;

/// For people: a note for each of those that were at `place`, and what to do.
pub fn notes<'a>(place: &'a str, replaced: &'a [Replaced]) -> impl Iterator<Item = (String, &'static str)> + 'a {
    replaced.iter().map(move |replaced| match &replaced.tag {
        Some(tag) => (
            format!("in `{place}` the tag `{tag}` was taken from {}", replaced.digest),
            "its blobs stay; to keep its name too, give this one another tag",
        ),
        None => (
            format!(
                "in `{place}` this takes the place of {}, which had no tag",
                replaced.digest
            ),
            "its blobs stay; to keep several artifacts, give each a tag",
        ),
    })
}

/// For machines.
pub fn json(replaced: &Replaced) -> Value {
    json!({"tag": replaced.tag, "digest": replaced.digest})
}
