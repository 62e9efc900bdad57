use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fs_err::os::unix::fs::FileExt as _;

use super::members;
use crate::artifact::{Artifact, tar};
use crate::digest::{Digest, Stamp};
use crate::files::{IfTaken, Partial, Staged, Unfinished, sweep_partials};
use crate::store::created::Created;
use crate::store::{Blob, Durability, Error, Name, Outcome, Place, Slot, os};

/// A tar that is being written: where each blob begins follows from the sizes alone.
#[derive(Debug)]
pub struct Open {
    unfinished: Unfinished,
    durability: Durability,
    /// Blobs of which an earlier transfer left bytes that were wrong.
    spoiled: Mutex<HashSet<usize>>,
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

impl Open {
    /// A tar with room for `blobs`, which will be at `path` in `directory`. It has no name yet; or, if it is `resumable`
    /// and all digests are known, a hidden one by which the next transfer of the same blobs finds it.
    pub fn new(
        path: &Path,
        directory: &Path,
        blobs: &[Blob],
        durability: Durability,
        resumable: bool,
    ) -> Result<Self, Error> {
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
        let unfinished = created.make(|created| {
            let unfinished = created.within(directory, |directory| {
                let partial = resumable.then(|| partial(path, directory, blobs)).flatten();
                match partial {
                    Some(partial) => Ok(Unfinished::Partial(partial)),
                    None => Staged::of(path, directory).map(Unfinished::Staged),
                }
            })?;
            // Its length at once, but for config and manifest: what is never written is zero, as padding has to be.
            let sized = unfinished.file().set_len(position);
            let begun = sized.and_then(|()| unfinished.file().write_all_at(&members::head(), 0));
            begun.map(|()| unfinished).map_err(Error::writing)
        })?;
        Ok(Self {
            unfinished,
            durability,
            spoiled: Mutex::default(),
            created,
            spans,
            written: Mutex::default(),
        })
    }

    /// A place for the blob at `index`; `None` where an earlier one is known to equal it.
    pub fn slot(&self, index: usize, digest: Option<&Digest>) -> Option<Box<dyn Slot + '_>> {
        let span = self.spans.get(index).copied().flatten()?;
        Some(Box::new(MemberSlot {
            open: self,
            index,
            span,
            held: digest.map_or(0, |digest| self.held(index, span, digest)),
            written: 0,
        }))
    }

    /// How many bytes of a blob an earlier transfer has left. It wrote the header when all of them were there; before
    /// that they came one after the other. Whoever goes on with them hashes them, so that a wrong answer costs time only.
    fn held(&self, index: usize, span: Span, digest: &Digest) -> u64 {
        /// Less than this is fetched sooner than it is read again.
        const WORTH_IT: u64 = 1 << 20;
        if self.unfinished.held() == 0 || span.size < WORTH_IT || self.spoiled().contains(&index) {
            return 0;
        }
        let file = self.unfinished.file();
        let complete = members::header(&members::blob_name(digest), span.size, span.header);
        let mut header = vec![0; complete.len()];
        match file.read_exact_at(&mut header, span.header) {
            Ok(()) if header == complete => span.size,
            _ => os::written(file, span.data, span.size),
        }
    }

    fn spoiled(&self) -> MutexGuard<'_, HashSet<usize>> {
        self.spoiled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what comes behind the layers' blobs, and waits for the device where that was asked for.
    pub fn seal(&self, artifact: &Artifact, names: &[Name]) -> Result<(), Error> {
        let end = self.close_gaps()?;
        let tail = {
            let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            members::tail(artifact, names, &written.all, end)?
        };
        let file = self.unfinished.file();
        file.write_all_at(&tail, end).map_err(Error::writing)?;
        file.set_len(end + tail.len() as u64).map_err(Error::writing)?;
        if self.durability == Durability::Synced {
            self.unfinished.file().sync_all().map_err(Error::writing)?;
        }
        Ok(())
    }

    /// Gives it its name. Returns what it was before, and what it is then.
    pub fn publish(self, name: &OsStr) -> Result<(Stamp, Stamp), Error> {
        let file = self.unfinished.file().clone();
        let stamp = || {
            file.metadata()
                .map(|metadata| Stamp::of(&metadata))
                .map_err(Error::writing)
        };
        let written = stamp()?;
        self.unfinished
            .publish(name, IfTaken::Replace)
            .map_err(Error::writing)?;
        Ok((written, stamp()?))
    }

    /// Takes back what was made for it, unless it is to be gone on with.
    pub fn abort(self) {
        if let Unfinished::Staged(staged) = self.unfinished {
            drop(staged);
            self.created.remove();
        }
    }

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
        let file = self.unfinished.file();
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
        self.unfinished
            .file()
            .write_all_at(&header, span.header)
            .map_err(Error::writing)
    }
}

/// The file in `directory` that will be the tar at `path`, begun by an earlier process or now. Where each of its bytes
/// belongs depends on `blobs`, and so does its name.
fn partial(path: &Path, directory: &Path, blobs: &[Blob]) -> Option<Partial> {
    let mut plan = String::new();
    for blob in blobs {
        // Writing to a String cannot fail.
        let _ = writeln!(plan, "{} {}", blob.digest?, blob.size);
    }
    let mut name = path.file_name()?.to_owned();
    name.push("-");
    sweep_partials(directory, &name);
    name.push(Digest::of(plan.as_bytes()).hex());
    Partial::open(directory, &name)
}

/// A blob on its way into the tar.
struct MemberSlot<'a> {
    open: &'a Open,
    index: usize,
    span: Span,
    held: u64,
    written: u64,
}

impl Slot for MemberSlot<'_> {
    fn place(&self) -> Option<Place> {
        Some(Place {
            file: self.open.unfinished.file().clone(),
            offset: self.span.data,
            synced: self.open.durability == Durability::Synced,
        })
    }

    fn held(&self) -> u64 {
        self.held
    }

    fn spoil(&mut self) {
        self.open.spoiled().insert(self.index);
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let offset = self.span.data + self.written;
        self.open
            .unfinished
            .file()
            .write_all_at(bytes, offset)
            .map_err(Error::writing)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn commit(self: Box<Self>, digest: &Digest) -> Result<Outcome, Error> {
        // What stands there should be zero; in a file that had a name, others may have written to it.
        let padding = vec![0; tar::padding(self.span.size)];
        let end = self.span.data + self.span.size;
        let file = self.open.unfinished.file();
        file.write_all_at(&padding, end).map_err(Error::writing)?;
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
