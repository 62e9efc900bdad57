use std::collections::BTreeMap;
use std::path::PathBuf;

use super::inputs::plain;
use super::{Origin, Own, PlannedFile};
use crate::digest::Stamp;
use crate::modelfile::Span;

/// A file that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// What became of it.
    pub what: What,
}

/// What can become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is new, or asked for now.
    Added,
    /// Something about it is another.
    Changed,
    /// It is gone, or not asked for any more.
    Removed,
}

impl Change {
    /// The difference between two sets of files with what is known of each, sorted by path.
    #[must_use]
    pub fn between<T: PartialEq>(before: &BTreeMap<PathBuf, T>, after: &BTreeMap<PathBuf, T>) -> Vec<Self> {
        let change = |(path, what): (&PathBuf, What)| Self {
            path: path.clone(),
            what,
        };
        let come = after.iter().filter_map(|(path, now)| match before.get(path) {
            None => Some((path, What::Added)),
            Some(then) => (then != now).then_some((path, What::Changed)),
        });
        let gone = before.keys().filter(|path| !after.contains_key(*path));
        let all: BTreeMap<_, _> = come.chain(gone.map(|path| (path, What::Removed))).collect();
        all.into_iter().map(change).collect()
    }
}

/// What of each of the context's own files makes another artifact. A hard link to a file gives it another `ctime`, and leaves it as it was.
pub(super) fn settled(files: &[PlannedFile]) -> BTreeMap<PathBuf, PlannedFile> {
    let settled = |file: &PlannedFile, own: &Own| PlannedFile {
        origin: Origin::Context(Own {
            stamp: Stamp {
                changed: 0,
                ..own.stamp
            },
            path: own.path.clone(),
        }),
        // The same rule may stand further down.
        rule: Span { start: 0, end: 0 },
        ..file.clone()
    };
    let own = files.iter().filter_map(|file| file.own().map(|own| (file, own)));
    own.map(|(file, own)| (plain(&own.path), settled(file, own))).collect()
}
