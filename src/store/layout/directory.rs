//! What makes a directory a layout: found and checked, or made.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;

use fs_err::File;
use rustix::fs::FlockOperation;
use serde::Deserialize;

use super::index::Index;
use crate::store::created::Created;
use crate::store::staging::{Staged, write_file};
use crate::store::{Durability, Error};

/// Name and content of the file that marks a layout (OCI image-spec, image-layout.md).
pub const MARKER: &str = "oci-layout";
/// See [`MARKER`].
pub const MARKER_BYTES: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    image_layout_version: String,
}

/// Makes sure that `path` is a layout: checks the one that is there, or makes an empty one.
pub fn prepare(path: &Path, durability: Durability) -> Result<Created, Error> {
    let mut created = Created::default();
    created.make(|created| prepare_locked(path, durability, created))?;
    Ok(created)
}

fn prepare_locked(path: &Path, durability: Durability, created: &mut Created) -> Result<(), Error> {
    let occupied = |why: &str| Error::Occupied {
        path: path.into(),
        why: why.to_owned(),
    };
    match fs_err::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(occupied("exists and is not a directory")),
        Err(error) if error.kind() == ErrorKind::NotFound && fs_err::symlink_metadata(path).is_ok() => {
            return Err(occupied("is a symlink to nothing"));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => created.directories(path)?,
        Err(error) => return Err(Error::writing(error)),
    }
    // Two builds may find the directory empty at the same time: only one of them makes the layout.
    let directory = File::open(path).map_err(Error::writing)?;
    lock(&directory, FlockOperation::LockExclusive)?;
    let vacant = fs_err::read_dir(path).map_err(Error::writing)?.next().is_none();
    if vacant {
        for (name, bytes) in [("index.json", Index::empty()?.bytes()), (MARKER, MARKER_BYTES)] {
            let file = path.join(name);
            write_file(&file, bytes, durability).map_err(Error::writing)?;
            created.note(file);
        }
    } else if path.join(MARKER).exists() {
        check(path)?;
    } else {
        return Err(occupied(
            "exists and is not an OCI layout (it has no file `oci-layout`)",
        ));
    }
    // A layout without any blob may lack the directory; skopeo and oras accept that.
    created.directories(&path.join("blobs").join("sha256"))
}

fn check(path: &Path) -> Result<(), Error> {
    let damaged = |what: String| Error::Damaged {
        path: path.into(),
        what,
    };
    let marker = path.join(MARKER);
    if !marker.is_file() {
        return Err(damaged(format!("`{MARKER}` is not a file")));
    }
    let marker = File::open(marker).map_err(Error::writing)?;
    let marker: Marker = serde_json::from_reader(std::io::Read::take(marker, 4096))
        .map_err(|error| damaged(format!("`oci-layout` cannot be read: {error}")))?;
    if marker.image_layout_version != "1.0.0" {
        return Err(damaged(format!(
            "its version is `{}`, not `1.0.0`",
            marker.image_layout_version
        )));
    }
    Index::read(path).map(drop)
}

/// Finds out before anything is read whether new files can be made here.
pub fn check_writable(layout: &Path, blobs: &Path) -> Result<(), Error> {
    for directory in [layout, blobs] {
        Staged::new(directory).map_err(Error::writing)?;
    }
    Ok(())
}

/// The sizes of all blobs in the directory `blobs`.
pub fn blob_sizes(blobs: &Path) -> Result<HashSet<u64>, Error> {
    let mut sizes = HashSet::new();
    for entry in fs_err::read_dir(blobs).map_err(Error::writing)? {
        match entry.and_then(|entry| entry.metadata()) {
            Ok(metadata) => drop(sizes.insert(metadata.len())),
            // Another process removed it between the two calls.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Error::writing(error)),
        }
    }
    Ok(sizes)
}

/// Takes an advisory lock on a directory, until it is closed. Where the file system has no locks there is none.
pub fn lock(directory: &File, operation: FlockOperation) -> Result<(), Error> {
    use rustix::io::Errno;
    loop {
        match rustix::fs::flock(directory, operation) {
            Err(Errno::INTR) => {}
            Ok(()) | Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::BADF | Errno::INVAL) => return Ok(()),
            Err(error) => return Err(Error::writing(error.into())),
        }
    }
}
