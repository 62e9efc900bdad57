//! Where the digest cache is.

use std::path::{Path, PathBuf};

use crate::cache::default_directory;

/// The directory of the cache, and whether somebody named it.
#[derive(Debug, Clone)]
pub struct Place {
    pub directory: PathBuf,
    /// Then troubles with it are worth a warning.
    pub named: bool,
}

/// `--cache-dir`, else the user's directory for caches; `None` for a user without a home.
pub fn place(option: Option<&Path>) -> Option<Place> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    match option {
        Some(directory) => Some(Place {
            directory: directory.to_owned(),
            named: true,
        }),
        None => default_directory(
            set("XDG_CACHE_HOME").as_deref().map(Path::new),
            set("HOME").as_deref().map(Path::new),
        )
        .map(|directory| Place {
            directory,
            named: false,
        }),
    }
}
