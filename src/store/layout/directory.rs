//! What makes a directory a layout: found and checked, or made.

use std::collections::HashSet;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use fs_err::os::unix::fs::OpenOptionsExt as _;
use fs_err::{File, OpenOptions};
use rustix::fs::{FlockOperation, OFlags};
use serde::Deserialize;

use super::blobs_path;
use super::index::Index;
use crate::files::{self, Staged, is_temporary, replace_file, sweep};
use crate::store::created::Created;
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

/// Makes sure that `path` is a layout: checks the one that is there, or makes an empty one. Gives its index, or `None`
/// where the directory went away meanwhile.
pub fn prepare(path: &Path, durability: Durability, created: &mut Created) -> Result<Option<Index>, Error> {
    match fs_err::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(occupied(path, "exists and is not a directory")),
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            return Err(occupied(path, "is a symlink to nothing"));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => created.make(|created| created.directories(path))?,
        Err(error) => return Err(Error::writing(error)),
    }
    // Two builds may find the directory empty at the same time: only one of them makes the layout.
    let Some(_locked) = lock_at(path, FlockOperation::LockExclusive)? else {
        return Ok(None);
    };
    // Taken back under the lock too: whoever waits for it finds a layout or none.
    created
        .make(|created| prepare_locked(path, durability, created))
        .map(Some)
}

fn prepare_locked(path: &Path, durability: Durability, created: &mut Created) -> Result<Index, Error> {
    match fs_err::metadata(path.join(MARKER)) {
        Ok(metadata) => check(path, &metadata)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if !is_vacant(path)? {
                return Err(occupied(
                    path,
                    "exists and is not an OCI layout (it has no file `oci-layout`)",
                ));
            }
            // The marker last: without it there is no layout yet, so none that is not valid.
            for (name, bytes) in [("index.json", Index::empty()?.bytes()), (MARKER, MARKER_BYTES)] {
                let file = path.join(name);
                replace_file(&file, bytes, durability).map_err(Error::writing)?;
                created.note(file);
            }
        }
        Err(error) => return Err(Error::writing(error)),
    }
    let index = Index::read(path)?;
    make_blobs(path, created)?;
    index.verify(path)?;
    sweep(path);
    Ok(index)
}

/// Makes `blobs/sha256`, which a layout without any blob may lack; skopeo and oras accept that.
fn make_blobs(path: &Path, created: &mut Created) -> Result<(), Error> {
    let mut blobs = path.to_owned();
    for name in ["blobs", "sha256"] {
        blobs.push(name);
        match fs_err::metadata(&blobs) {
            Ok(metadata) if metadata.is_dir() => {}
            Err(error) if error.kind() == ErrorKind::NotFound && !blobs.is_symlink() => created.directories(&blobs)?,
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::writing(error)),
            _ => return Err(damaged(path, "`blobs/sha256` is not a directory".to_owned())),
        }
    }
    Ok(())
}

fn occupied(path: &Path, why: &str) -> Error {
    Error::Occupied {
        path: path.into(),
        why: why.to_owned(),
    }
}

fn damaged(path: &Path, what: String) -> Error {
    Error::Damaged {
        path: path.into(),
        what,
    }
}

/// Whether nothing is in the directory but what a build leaves that was killed while it made the layout.
pub fn is_vacant(path: &Path) -> Result<bool, Error> {
    let empty = Index::empty()?;
    for entry in fs_err::read_dir(path).map_err(Error::writing)? {
        let name = entry.map_err(Error::writing)?.file_name();
        let ours = is_temporary(&name) || (name == "index.json" && Index::read(path).is_ok_and(|index| index == empty));
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}

fn check(path: &Path, marker: &std::fs::Metadata) -> Result<(), Error> {
    // A FIFO would be waited for, a device read for ever.
    if !marker.is_file() {
        return Err(damaged(path, format!("`{MARKER}` is not a file")));
    }
    let marker = File::open(path.join(MARKER)).map_err(Error::writing)?;
    let marker: Marker = serde_json::from_reader(marker.take(4096))
        .map_err(|error| damaged(path, format!("`oci-layout` cannot be read: {error}")))?;
    if marker.image_layout_version == "1.0.0" {
        Ok(())
    } else {
        let version = marker.image_layout_version;
        Err(damaged(path, format!("its version is `{version}`, not `1.0.0`")))
    }
}

/// Finds out before anything is read whether new files can be made here.
pub fn check_writable(layout: &Path, blobs: &Path) -> Result<(), Error> {
    for directory in [layout, blobs] {
        Staged::new(directory).map_err(Error::writing)?;
    }
    Ok(())
}

/// Whether the file at `path` has these bytes and no other.
pub fn holds(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    const AT_ONCE: usize = 16 << 10;
    let mut file = File::open(path).map_err(Error::writing)?;
    let mut buffer = [0; AT_ONCE];
    let mut rest = bytes;
    loop {
        let read = file.read(&mut buffer).map_err(Error::writing)?;
        if read == 0 {
            return Ok(rest.is_empty());
        }
        match rest.strip_prefix(buffer.get(..read).unwrap_or_default()) {
            Some(behind) => rest = behind,
            None => return Ok(false),
        }
    }
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

/// Takes an advisory lock on a directory, until it is closed.
pub fn lock(directory: &File, operation: FlockOperation) -> Result<(), Error> {
    files::lock(directory, operation).map(drop).map_err(Error::writing)
}

/// Opens and locks a directory, until it is closed; `None` where it was removed or replaced while we waited.
pub fn lock_at(path: &Path, operation: FlockOperation) -> Result<Option<File>, Error> {
    let unless_gone = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Ok(None),
        _ => Err(Error::writing(error)),
    };
    // Whoever opens a FIFO waits.
    let flags = i32::try_from(OFlags::DIRECTORY.bits()).unwrap_or_default();
    let directory = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(directory) => directory,
        Err(error) => return unless_gone(error),
    };
    lock(&directory, operation)?;
    let locked = directory.metadata().map_err(Error::writing)?;
    match fs_err::metadata(path) {
        Ok(found) if (found.dev(), found.ino()) == (locked.dev(), locked.ino()) => Ok(Some(directory)),
        Ok(_) => Ok(None),
        Err(error) => unless_gone(error),
    }
}

/// Opens the directory of blobs and locks it so that nobody takes any away, until it is closed. What comes before that, and
/// makes sure that the directory is there, is done again where it went away meanwhile.
pub fn lock_blobs<T>(layout: &Path, mut prepare: impl FnMut() -> Result<Option<T>, Error>) -> Result<(T, File), Error> {
    /// Each attempt after the first means that another build made the layout, failed, and removed it again between two
    /// steps of ours.
    const ATTEMPTS: usize = 100;
    let blobs = blobs_path(layout);
    for _ in 0..ATTEMPTS {
        let Some(prepared) = prepare()? else { continue };
        if let Some(lock) = lock_at(&blobs, FlockOperation::LockShared)? {
            return Ok((prepared, lock));
        }
    }
    let why = format!("`{}` goes away again and again", layout.display());
    Err(Error::writing(std::io::Error::other(why)))
}
