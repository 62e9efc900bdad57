use std::borrow::Cow;

use super::human;
use crate::artifact::{CONVERTED_FROM, Original};

/// The value of a manifest's annotation for people: of the one that holds a whole artifact, which and how much it is.
#[must_use]
pub fn brief<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    if key != CONVERTED_FROM {
        return Cow::Borrowed(value);
    }
    let size = human(value.len() as u64);
    let original = serde_json::from_str::<Original>(value).ok();
    Cow::Owned(match original.and_then(|original| original.digest()) {
        Some(digest) => format!("the artifact {digest}, kept in {size}"),
        None => format!("{size} that cannot be read"),
    })
}
