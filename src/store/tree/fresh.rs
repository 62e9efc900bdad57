use std::collections::HashMap;

use super::path::TreePath;

/// The directories of an artifact that are not in the one that is extracted to. The files of each are staged in a
/// directory of its own, under their names, so that one rename shows them all: a rename for each file takes the kernel
/// as long as making it, and those from one directory to another wait for each other.
#[derive(Debug, Default)]
pub struct Fresh(HashMap<String, usize>);

/// What the names of such directories begin with in the staging directory; a number follows.
const PREFIX: &str = "directory-";

impl Fresh {
    /// These directories, by their paths.
    pub fn new(paths: impl Iterator<Item = String>) -> Self {
        Self(paths.zip(0..).collect())
    }

    /// The directory in the staging directory for the files of the directory at `path`, where that is a fresh one.
    pub fn room(&self, path: &str) -> Option<String> {
        self.0.get(path).map(|number| format!("{PREFIX}{number}"))
    }

    /// Where a file is staged that shall come to its place with its directory.
    pub fn staged(&self, path: &TreePath) -> Option<String> {
        let (directory, name) = path.split();
        Some(format!("{}/{name}", self.room(directory)?))
    }
}

/// Whether a name in the staging directory is that of a directory which is to become another one.
pub fn is_room(name: &[u8]) -> bool {
    let number = name.strip_prefix(PREFIX.as_bytes());
    number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

/// The directory that something is staged in, where that is not the staging directory itself.
pub fn room_of(staged: &str) -> Option<&str> {
    staged.split_once('/').map(|(room, _)| room)
}
