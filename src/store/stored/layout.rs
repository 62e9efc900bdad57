use std::fs::Metadata;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use super::extent::at_once;
use super::members::Other;
use super::{Blobs, Extent, Files, Lease, OpenError};
use crate::artifact::{Descriptor, read};
use crate::cores;
use crate::digest::Digest;
use crate::store::layout::{MARKER, blob_path, blobs_path, is_vacant};

/// An OCI image layout.
pub struct Directory {
    path: PathBuf,
    lease: Lease,
}

impl Directory {
    /// A directory that is a layout, or was one before its marker went away, and its index perhaps with it.
    pub fn perhaps(path: &Path) -> Result<Self, OpenError> {
        if lacks_marker(path) {
            return Ok(Self::new(path).leased());
        }
        Self::open(path).map(Self::leased)
    }

    fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            lease: Lease::default(),
        }
    }

    /// The same, whose blobs nobody removes as long as it is read.
    pub fn leased(self) -> Self {
        Self {
            lease: Lease::of(&self.path),
            ..self
        }
    }

    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let none = |why: &str| OpenError::NoPlace {
            path: path.to_owned(),
            why: why.to_owned(),
        };
        match fs_err::metadata(path) {
            Ok(metadata) if metadata.file_type().is_fifo() => {
                return Err(OpenError::Pipe { path: path.to_owned() });
            }
            Ok(metadata) if !metadata.is_dir() => return Err(none("is not a directory")),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(OpenError::missing(path));
            }
            Err(error) => return Err(OpenError::Io(error)),
        }
        match fs_err::metadata(path.join(MARKER)) {
            Ok(metadata) if metadata.is_file() => Ok(Self::new(path)),
            Ok(_) => Err(none("is no OCI layout: its `oci-layout` is not a file")),
            Err(error) if error.kind() == ErrorKind::NotFound && is_unmade(path) => Err(none(
                "is no OCI layout yet: what was to make it was ended at once, and makes it when it is run again",
            )),
            Err(error) if error.kind() == ErrorKind::NotFound && lacks_marker(path) => {
                Err(Self::new(path).damaged("oci-layout is missing".to_owned()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(none("is no OCI layout (it has no file `oci-layout`)"))
            }
            Err(error) => Err(OpenError::Io(error)),
        }
    }

    /// Where it keeps a blob.
    pub fn blob(&self, digest: &Digest) -> PathBuf {
        blob_path(&self.path, digest)
    }

    /// All that lies where blobs do, sorted.
    pub fn held(&self) -> Result<Blobs, OpenError> {
        let mut held = Blobs {
            others: self.beside()?,
            ..Blobs::default()
        };
        let entries = entries(&blobs_path(&self.path)).map_err(OpenError::Io)?;
        let looked_at = cores::map(entries, |entry| (entry.file_name(), entry.metadata()));
        for (name, metadata) in looked_at {
            let name = name.to_string_lossy();
            match (Digest::from_hex(&name), metadata) {
                (Some(digest), Ok(metadata)) => {
                    held.blobs.push((digest, metadata.len()));
                    if metadata.is_symlink() {
                        held.symlinks.push(digest);
                    }
                }
                // Another process removed it between the two calls.
                (_, Err(error)) if error.kind() == ErrorKind::NotFound => {}
                _ => held.others.push(Other {
                    name: format!("blobs/sha256/{name}"),
                    harm: None,
                }),
            }
        }
        held.blobs.sort_unstable();
        held.others.sort_unstable();
        Ok(held)
    }

    /// What lies beside the directory of the blobs, or in directories there: digests by another algorithm are none here.
    fn beside(&self) -> Result<Vec<Other>, OpenError> {
        let mut others = Vec::new();
        let mut add = |name: String| others.push(Other { name, harm: None });
        for entry in entries(&self.path.join("blobs")).map_err(OpenError::Io)? {
            let name = entry.file_name();
            let shown = format!("blobs/{}", name.to_string_lossy());
            if name == "sha256" {
                continue;
            }
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                add(shown);
                continue;
            }
            match entries(&entry.path()) {
                Ok(entries) => {
                    for entry in entries {
                        add(format!("{shown}/{}", entry.file_name().to_string_lossy()));
                    }
                }
                // Such as `lost+found`: what is in it is nobody's blob here.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => add(shown),
                Err(error) => return Err(OpenError::Io(error)),
            }
        }
        Ok(others)
    }

    fn damaged(&self, what: String) -> OpenError {
        OpenError::Damaged {
            path: self.path.clone(),
            what,
            is_mendable: true,
        }
    }

    /// Reads a file whole that was looked at before it is opened, and then again: a device would be read for ever, and
    /// another one may have its name meanwhile.
    fn small(&self, path: &Path, name: &str) -> Result<Vec<u8>, OpenError> {
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => self.damaged(format!("{name} is missing")),
            _ => OpenError::Io(error),
        };
        let judged = |metadata: Metadata| match metadata.len() {
            _ if !metadata.is_file() => Err(self.damaged(format!("{name} is not a file"))),
            size if size > read::LIMIT => {
                let most = read::LIMIT;
                Err(self.damaged(format!("{name} has {size} bytes; {most} are the most")))
            }
            _ => Ok(()),
        };
        judged(fs_err::metadata(path).map_err(failed)?)?;
        let file = at_once(path).map_err(failed)?;
        judged(file.metadata().map_err(failed)?)?;
        let mut bytes = Vec::new();
        file.take(read::LIMIT).read_to_end(&mut bytes).map_err(OpenError::Io)?;
        Ok(bytes)
    }
}

/// What a directory has; nothing where it is not there.
fn entries(path: &Path) -> io::Result<Vec<fs_err::DirEntry>> {
    match fs_err::read_dir(path) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether a directory is a layout but for its marker.
fn lacks_marker(path: &Path) -> bool {
    (has(path, "index.json") || has(path, "blobs/sha256")) && !has(path, MARKER) && !is_unmade(path)
}

/// Whether a directory is what is left where a layout was about to be made: nothing was in it yet.
fn is_unmade(path: &Path) -> bool {
    has(path, "index.json") && is_vacant(path).unwrap_or(false)
}

fn has(path: &Path, name: &str) -> bool {
    fs_err::symlink_metadata(path.join(name)).is_ok()
}

/// A document in the layout at `path`, if it is there as it should be.
pub fn document(path: &Path, descriptor: &Descriptor) -> Option<Vec<u8>> {
    let directory = Directory::open(path).ok()?;
    let extent = directory.extent_of(&descriptor.digest).ok()??;
    let bytes = directory.read(&extent).ok()?;
    (Digest::of(&bytes) == descriptor.digest).then_some(bytes)
}

impl Files for Directory {
    fn path(&self) -> &Path {
        &self.path
    }

    fn lease(&self) -> Lease {
        self.lease.clone()
    }

    fn index(&self) -> Result<Vec<u8>, OpenError> {
        self.small(&self.path.join("index.json"), "index.json")
    }

    fn extent_of(&self, digest: &Digest) -> Result<Option<Extent>, OpenError> {
        let path = self.blob(digest);
        match fs_err::metadata(&path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(Extent::whole(path, &metadata))),
            Ok(_) => Err(self.damaged(format!("the blob {digest} is not a file"))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OpenError::Io(error)),
        }
    }

    fn is_mendable(&self) -> bool {
        true
    }

    fn read(&self, extent: &Extent) -> Result<Vec<u8>, OpenError> {
        self.small(&extent.path, "a blob")
    }
}
