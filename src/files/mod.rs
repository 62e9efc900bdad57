//! Files that are there whole or not at all, and locks that keep processes apart.
//!
//! Enters: bytes, and the place where they shall be. Leaves: a file that has its name only when it is complete. The room
//! knows nothing of what is in a file; every room that writes writes through it.

mod exhausted;
mod lock;
mod partial;
mod replace;
mod staging;
mod umask;
mod unfinished;

use std::path::{Path, PathBuf};

pub use exhausted::{EXHAUSTED, is_exhausted};
pub use lock::lock;
pub use partial::{Partial, sweep_partials};
pub use replace::{Durability, replace_file, replace_private, write_file};
pub use staging::{IfTaken, Staged, is_temporary, sweep};
pub use umask::umask;
pub use unfinished::Unfinished;

/// The files in `directory` that were never finished, and that nobody will go on with. Only where nobody writes.
#[must_use]
pub fn leftovers(directory: &Path) -> Vec<PathBuf> {
    let mut found = staging::temporaries(directory);
    found.extend(partial::stale_partials(directory, "".as_ref()));
    found.sort_unstable();
    found
}

/// The files in `directory` that were never finished, and that somebody may go on with. Only where nobody writes.
#[must_use]
pub fn resumable(directory: &Path) -> Vec<PathBuf> {
    let stale = partial::stale_partials(directory, "".as_ref());
    let mut found = partial::partials(directory);
    found.retain(|path| !stale.contains(path));
    found
}

/// Whether a file's name is one that a file of ours has which is not complete, be it worth going on with or not.
#[must_use]
pub fn is_unfinished(name: &std::ffi::OsStr) -> bool {
    is_temporary(name) || partial::is_partial(name)
}
