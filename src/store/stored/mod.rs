//! Artifacts that lie somewhere already.
//!
//! Enters: a [`Reference`]. Leaves: the artifact's manifest and config, checked against their digests, and where each of
//! its layers' blobs lies. No layer is read, however large it is; whoever reads one checks it.

mod archive;
mod choose;
mod error;
mod layout;

use std::path::PathBuf;

use choose::choose;
pub use error::OpenError;

use super::reference::{Location, Reference};
use crate::artifact::{Descriptor, read};
use crate::digest::{Digest, Stamp};

/// A place whose artifacts can be read.
trait Shelf {
    /// The bytes of `index.json`.
    fn index(&self) -> Result<Vec<u8>, OpenError>;

    /// Where the blob lies; `None` where there is none of that digest.
    fn find(&self, digest: &Digest) -> Result<Option<Extent>, OpenError>;

    /// The bytes of a small blob.
    fn read(&self, extent: &Extent) -> Result<Vec<u8>, OpenError>;
}

/// A part of a file: where a blob lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The file.
    pub path: PathBuf,
    /// What `stat` said of it.
    pub stamp: Stamp,
    /// Where the blob begins, in bytes.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

/// An artifact that lies in a layout or an archive.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What its manifest and config say.
    pub artifact: read::Stored,
    /// Where the blob of each layer lies, in manifest order; `None` where the place lacks it.
    pub blobs: Vec<Option<Extent>>,
}

/// Finds the artifact that `reference` names, and reads its manifest and config.
///
/// # Errors
/// The place does not exist or is none, holds no such artifact, or what it holds is not what its digests say.
pub fn open(reference: &Reference) -> Result<Opened, OpenError> {
    let shelf: Box<dyn Shelf> = match &reference.location {
        Location::Layout(path) => Box::new(layout::Directory::open(path)?),
        Location::Archive(path) => Box::new(archive::Tar::open(path)?),
    };
    let path = reference.location.path();
    let entry = choose(&shelf.index()?, &reference.choice, path)?;
    let manifest = document(shelf.as_ref(), path, "manifest", &entry)?;
    let broken = |source| OpenError::Artifact {
        path: path.to_owned(),
        source,
    };
    let config = read::config(&manifest).map_err(broken)?;
    let config = document(shelf.as_ref(), path, "config", &config)?;
    let artifact = read::read(&manifest, &config).map_err(broken)?;
    let mut blobs = Vec::with_capacity(artifact.layers.len());
    for layer in &artifact.layers {
        let extent = shelf.find(&layer.descriptor.digest)?;
        if let Some(extent) = &extent
            && extent.size != layer.descriptor.size
        {
            let (found, said) = (extent.size, layer.descriptor.size);
            return Err(OpenError::Damaged {
                path: path.to_owned(),
                what: format!(
                    "the blob {} has {found} bytes instead of {said}",
                    layer.descriptor.digest
                ),
            });
        }
        blobs.push(extent);
    }
    Ok(Opened { artifact, blobs })
}

/// Reads a manifest or a config, and checks it.
fn document(
    shelf: &dyn Shelf,
    path: &std::path::Path,
    what: &str,
    descriptor: &Descriptor,
) -> Result<Vec<u8>, OpenError> {
    let damaged = |what| OpenError::Damaged {
        path: path.to_owned(),
        what,
    };
    let digest = descriptor.digest;
    let extent = shelf
        .find(&digest)?
        .ok_or_else(|| damaged(format!("the {what} {digest} is missing")))?;
    if extent.size != descriptor.size || extent.size > read::LIMIT {
        let size = extent.size;
        return Err(damaged(format!(
            "the {what} {digest} has {size} bytes; {} are stated and {} are the most",
            descriptor.size,
            read::LIMIT
        )));
    }
    let bytes = shelf.read(&extent)?;
    if Digest::of(&bytes) == digest {
        Ok(bytes)
    } else {
        Err(damaged(format!(
            "the {what} {digest} has other bytes than its digest says"
        )))
    }
}
