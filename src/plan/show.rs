use std::fmt::Display;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::modelfile::escape;

/// How many names a message lists before it only counts.
const MOST: usize = 10;

/// A path as a message shows it: [`escape`]d, and bytes that are not UTF-8 too.
pub(super) fn path(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        shown.push_str(&escape(chunk.valid()));
        shown.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    shown
}

/// Text from a Modelfile as a message shows it.
pub(super) fn text(text: &str) -> String {
    escape(text)
}

/// Names in backticks as an enumeration; the first ten, and how many more there are.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    first_of(names, names.len())
}

/// The same where `names` are only the first of `total`.
pub(super) fn first_of<T: AsRef<str>>(names: &[T], total: usize) -> String {
    let shown: Vec<_> = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match (total.saturating_sub(shown.len()), shown.as_slice()) {
        (0, [first @ .., last]) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (0, _) => shown.concat(),
        (more, _) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `1 file`, `2 files`.
#[must_use]
pub fn plural<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
