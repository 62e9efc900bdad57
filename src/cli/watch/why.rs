//! Why there was a build, in a few words.

use crate::modelfile::escape;
use crate::plan::{Change, What};

/// How many paths are named.
const NAMED: usize = 3;

/// Of the first build.
pub fn watching(directories: usize) -> String {
    let plural = if directories == 1 { "y" } else { "ies" };
    format!("watching {directories} director{plural}")
}

/// Of any other: `m.gguf` changed.
pub fn changed(changes: &[Change]) -> String {
    let Some(first) = changes.first() else {
        return "something changed".to_owned();
    };
    let verb = match first.what {
        _ if changes.iter().any(|change| change.what != first.what) => "changed",
        What::Added => "added",
        What::Changed => "changed",
        What::Removed => "removed",
    };
    let shown = |change: &Change| format!("`{}`", escape(&change.path.display().to_string()));
    let named: Vec<_> = changes.iter().take(NAMED).map(shown).collect();
    match (changes.len() - named.len(), named.as_slice()) {
        (0, [first @ .., last]) if !first.is_empty() => format!("{} and {last} {verb}", first.join(", ")),
        (0, named) => format!("{} {verb}", named.concat()),
        (more, named) => format!("{} and {more} more {verb}", named.join(", ")),
    }
}
