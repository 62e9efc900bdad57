use std::path::Path;

use rustix::fs::FlockOperation;

use crate::files::replace_file;
use crate::store::layout::{self, Index, MARKER, MARKER_BYTES};
use crate::store::{Choice, Durability, Error};

/// Writes the file `oci-layout` of the layout at `path` anew.
///
/// # Errors
/// It cannot be written.
pub fn mend_marker(path: &Path) -> Result<(), Error> {
    let _locked = layout::lock_at(path, FlockOperation::LockExclusive)?;
    replace_file(&path.join(MARKER), MARKER_BYTES, Durability::Synced).map_err(Error::writing)
}

/// Gives the layout at `path`, which has none that can be read, an `index.json`: the entries of `other` that `choice`
/// means, as far as their manifests lie here. Nothing else tells which artifacts there were. Gives whether it has one now.
///
/// # Errors
/// It cannot be written.
pub fn mend_index(path: &Path, other: &Index, choice: &Choice) -> Result<bool, Error> {
    let _locked = layout::lock_at(path, FlockOperation::LockExclusive)?;
    // Somebody else may have been faster.
    if Index::read(path).is_ok() {
        return Ok(true);
    }
    let index = other.without(path, |entry| {
        let is_meant = match choice {
            Choice::Only => true,
            Choice::Tag(tag) => entry.tag() == Some(tag),
            Choice::Digest(digest) => entry.digest() == digest.to_string(),
        };
        !is_meant || !entry.is_in(path)
    })?;
    if index.entries().is_empty() {
        return Ok(false);
    }
    replace_file(&path.join("index.json"), index.bytes(), Durability::Synced).map_err(Error::writing)?;
    Ok(true)
}
