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

/// `--cache-dir`, else `MODELBUILD_CACHE_DIR`, else the user's directory for caches; `None` for a user without a home.
pub fn place(option: Option<&Path>) -> Option<Place> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let named = option
        .map(Path::to_owned)
        .or_else(|| set("MODELBUILD_CACHE_DIR").map(PathBuf::from));
    match named {
        Some(directory) => Some(Place { directory, named: true }),
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
