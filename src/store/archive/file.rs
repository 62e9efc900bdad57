use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fs_err::File;
use fs_err::os::unix::fs::FileExt as _;

use super::members;
use crate::artifact::{Artifact, tar};
use crate::digest::Digest;
use crate::files::{IfTaken, Staged};
use crate::store::created::Created;
use crate::store::{Blob, Destination, Durability, Error, Name, Outcome, Place, Slot, os};

/// A layout tar that goes to a file, in one pass: where each blob begins follows from the sizes alone, so that blobs
/// are written in parallel and in any order, and each header when its blob's digest is known.
#[derive(Debug)]
pub struct ArchiveFile {
    path: PathBuf,
    names: Vec<Name>,
    durability: Durability,
    /// `None` before [`Destination::begin`] and after the end.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    staged: Staged,
    durability: Durability,
    /// Directories that were made for the file.
    created: Created,
    /// One a layer, in manifest order; `None` where an earlier layer is known to have the same blob.
    spans: Vec<Option<Span>>,
    written: Mutex<Written>,
}

/// Blobs whose bytes are in the tar.
#[derive(Debug, Default)]
struct Written {
    by_index: HashMap<usize, Digest>,
    all: HashSet<Digest>,
}

/// Where a blob's member is.
#[derive(Debug, Clone, Copy)]
struct Span {
    header: u64,
    data: u64,
    size: u64,
}

impl Span {
    fn at(position: u64, size: u64) -> Self {
        // The header is as long for any digest.
        let header = members::header(&members::blob_name(&Digest::from_bytes([0; 32])), size, position);
        Self {
            header: position,
            data: position + header.len() as u64,
            size,
        }
    }

    fn end(self) -> u64 {
        self.data + self.size + tar::padding(self.size) as u64
    }
}

impl ArchiveFile {
    /// A tar at `path`, which is replaced when the new one is complete; the artifact will be there under `names`.
    /// Nothing is touched yet.
    #[must_use]
    pub const fn new(path: PathBuf, names: Vec<Name>, durability: Durability) -> Self {
        Self {
            path,
            names,
            durability,
            open: None,
        }
    }

    fn open(&self) -> Result<&Open, Error> {
        self.open
            .as_ref()
            .ok_or_else(|| Error::writing(io::Error::other("no transfer has begun")))
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

impl Destination for ArchiveFile {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn begin(&mut self, blobs: &[Blob]) -> Result<(), Error> {
        // What a symlink points to is replaced, not the link.
        if self.path.is_symlink() {
            self.path = fs_err::canonicalize(&self.path).map_err(Error::writing)?;
        }
        match fs_err::metadata(&self.path) {
            Ok(metadata) if !metadata.is_file() => {
                let why = if metadata.is_dir() {
                    "is a directory"
                } else {
                    "is not a regular file"
                };
                return Err(Error::Occupied {
                    path: self.path.clone(),
                    why: format!("exists and {why}"),
                });
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::writing(error)),
            _ => {}
        }
        let mut position = members::head().len() as u64;
        let mut known = HashSet::new();
        let mut spans = Vec::with_capacity(blobs.len());
        for blob in blobs {
            let first = blob.digest.is_none_or(|digest| known.insert(digest));
            let span = first.then(|| Span::at(position, blob.size));
            position = span.map_or(position, Span::end);
            spans.push(span);
        }
        let mut created = Created::default();
        let staged = created.make(|created| {
            let staged = created.within(self.directory(), |directory| Staged::of(&self.path, directory))?;
            // Its length at once, but for config and manifest: what is never written is zero, as padding has to be.
            let sized = staged.file().set_len(position);
            let begun = sized.and_then(|()| staged.file().write_all_at(&members::head(), 0));
            begun.map(|()| staged).map_err(Error::writing)
        })?;
        self.open = Some(Open {
            staged,
            durability: self.durability,
            created,
            spans,
            written: Mutex::default(),
        });
        Ok(())
    }

    fn slot(&self, index: usize, _: u64, _: Option<&Digest>) -> Result<Option<Box<dyn Slot + '_>>, Error> {
        let open = self.open()?;
        let span = open.spans.get(index).copied().flatten();
        Ok(span.map(|span| -> Box<dyn Slot> {
            Box::new(MemberSlot {
                open,
                index,
                span,
                written: 0,
            })
        }))
    }

    fn seal(&mut self, artifact: &Artifact) -> Result<(), Error> {
        let open = self.open()?;
        let end = open.close_gaps()?;
        let tail = members::tail(artifact, &self.names, end)?;
        let file = open.staged.file();
        file.write_all_at(&tail, end).map_err(Error::writing)?;
        file.set_len(end + tail.len() as u64).map_err(Error::writing)?;
        if self.durability == Durability::Synced {
            open.staged.sync().map_err(Error::writing)?;
        }
        Ok(())
    }

    fn publish(&mut self, _: &Artifact) -> Result<(), Error> {
        let name = self.path.file_name().ok_or_else(|| {
            let why = format!("`{}` names no file", self.path.display());
            Error::writing(io::Error::new(io::ErrorKind::InvalidInput, why))
        })?;
        let name = name.to_owned();
        // Another build that made the directory and failed may have removed it again: it was empty.
        fs_err::create_dir_all(self.directory()).map_err(Error::writing)?;
        let directory = File::open(self.directory()).map_err(Error::writing)?;
        if let Some(open) = self.open.take() {
            open.staged.publish(&name, IfTaken::Replace).map_err(Error::writing)?;
        }
        if self.durability == Durability::Synced {
            directory.sync_all().map_err(Error::writing)?;
        }
        Ok(())
    }

    fn abort(&mut self) {
        if let Some(open) = self.open.take() {
            drop(open.staged);
            open.created.remove();
        }
    }
}

impl Open {
    /// Takes out the blobs that turned out to equal an earlier one, so that each is there once: the rare case in which
    /// bytes are written twice. Returns where the blobs end.
    fn close_gaps(&self) -> Result<u64, Error> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = HashSet::new();
        let mut position = members::head().len() as u64;
        for (index, old) in self.spans.iter().enumerate() {
            let (Some(old), Some(digest)) = (old, written.by_index.get(&index)) else {
                continue;
            };
            if !seen.insert(*digest) {
                continue;
            }
            let new = Span::at(position, old.size);
            if new.header != old.header {
                self.shift(*old, new.data)?;
                self.write_header(new, digest)?;
            }
            position = new.end();
        }
        Ok(position)
    }

    /// Moves a blob towards the start of the file.
    fn shift(&self, old: Span, to: u64) -> Result<(), Error> {
        let file = self.staged.file();
        let mut buffer = vec![0; 1 << 20];
        let mut done = 0;
        // The kernel copies only between ranges that do not overlap; that pays where they are far apart.
        let far = old.data - to >= buffer.len() as u64;
        while done < old.size {
            let left = old.size - done;
            if far
                && let Some(copied) = os::copy_range(file, old.data + done, file, to + done, left.min(old.data - to))
                    .map_err(Error::writing)?
                && copied > 0
            {
                done += copied;
                continue;
            }
            let length = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            let Some(chunk) = buffer.get_mut(..length) else { break };
            file.read_exact_at(chunk, old.data + done).map_err(Error::writing)?;
            file.write_all_at(chunk, to + done).map_err(Error::writing)?;
            done += length as u64;
        }
        let padding = vec![0; tar::padding(old.size)];
        file.write_all_at(&padding, to + old.size).map_err(Error::writing)
    }

    fn write_header(&self, span: Span, digest: &Digest) -> Result<(), Error> {
        let header = members::header(&members::blob_name(digest), span.size, span.header);
        self.staged
            .file()
            .write_all_at(&header, span.header)
            .map_err(Error::writing)
    }
}

/// A blob on its way into the tar.
struct MemberSlot<'a> {
    open: &'a Open,
    index: usize,
    span: Span,
    written: u64,
}

impl Slot for MemberSlot<'_> {
    fn place(&self) -> Option<Place> {
        Some(Place {
            file: self.open.staged.file().clone(),
            offset: self.span.data,
            synced: self.open.durability == Durability::Synced,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let offset = self.span.data + self.written;
        self.open
            .staged
            .file()
            .write_all_at(bytes, offset)
            .map_err(Error::writing)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn commit(self: Box<Self>, digest: &Digest) -> Result<Outcome, Error> {
        self.open.write_header(self.span, digest)?;
        let mut written = self.open.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.by_index.insert(self.index, *digest);
        // One that equals another is taken out at the end.
        Ok(if written.all.insert(*digest) {
            Outcome::Written
        } else {
            Outcome::Present
        })
    }
}
