//! Keeping house in a layout: other tags, fewer artifacts, no blobs that nothing leads to, and whole ones for damaged ones.
//!
//! Enters: a layout's directory. Leaves: the same layout with another `index.json`, or with other blobs; it is valid at
//! every moment, as after any transfer. The locks are those of the layout room: `index.json` is rewritten under the one
//! on the directory, and blobs are removed under the exclusive one on `blobs/sha256`, which every transfer holds shared
//! from before it looks which blobs are there until it has published.

mod error;
mod mark;
mod mending;
mod prune;
mod remote;
mod remove;
mod roots;
mod tag;

use std::io::ErrorKind;
use std::path::Path;

pub use error::Error;
use fs_err::File;
pub use mending::{MendError, Mending};
pub use prune::{Pruned, prune};
pub use remote::tag_remote;
pub use remove::{Removed, remove};
pub use roots::{mend_index, mend_marker};
use rustix::fs::FlockOperation;
pub use tag::{Tagged, tag};

use super::Durability;
use super::layout::{self, Index};
use super::stored::{OpenError, check_layout};
use crate::files::{replace_file, sweep};

/// The layout's directory, in which nobody else rewrites `index.json` as long as it is open.
fn locked(path: &Path) -> Result<File, Error> {
    let missing = || OpenError::missing(path);
    check_layout(path)?;
    let locked = layout::lock_at(path, FlockOperation::LockExclusive)?.ok_or_else(missing)?;
    Ok(locked)
}

/// Puts `new` in the place of `old`, in one step. Only under the lock.
fn rewrite(path: &Path, old: &Index, new: &Index, durability: Durability) -> Result<bool, Error> {
    if new == old {
        return Ok(false);
    }
    // What somebody left who was killed while he held the lock.
    sweep(path);
    let file = path.join("index.json");
    replace_file(&file, new.bytes(), durability).map_err(|cause| match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::NoSpace {
            path: path.to_owned(),
            size: new.bytes().len(),
            cause,
        },
        _ => Error::Layout(super::Error::writing(cause)),
    })?;
    Ok(true)
}
