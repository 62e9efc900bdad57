use std::path::Path;

use super::{Error, locked, rewrite};
use crate::artifact::Descriptor;
use crate::store::layout::Index;
use crate::store::stored::entry;
use crate::store::{Choice, Durability, Name, Replaced};

/// What giving tags did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The artifact, as the index describes it.
    pub descriptor: Descriptor,
    /// The names that it has now.
    pub names: Vec<Name>,
    /// What had one of them before.
    pub replaced: Vec<Replaced>,
    /// Whether any of that is new.
    pub changed: bool,
}

/// Gives the artifact that `choice` means in the layout at `path` further names; one that another artifact has is taken
/// from it. A name that is a tag alone goes with the repository that the artifact is known by already: what containerd
/// and podman look up is the whole reference.
///
/// # Errors
/// It is no layout, it does not hold that artifact whole, or it cannot be written to.
pub fn tag(path: &Path, choice: &Choice, names: &[Name], durability: Durability) -> Result<Tagged, Error> {
    let _locked = locked(path)?;
    let old = Index::read(path)?;
    let (descriptor, known) = entry(path, choice)?;
    let complete = |name: &Name| known.as_ref().map_or_else(|| name.clone(), |known| known.sibling(name));
    let names: Vec<_> = names.iter().map(complete).collect();
    let (new, replaced) = old.with(path, &descriptor, &names, |_| false)?;
    let changed = rewrite(path, &old, &new, durability)?;
    Ok(Tagged {
        descriptor,
        names,
        replaced,
        changed,
    })
}
