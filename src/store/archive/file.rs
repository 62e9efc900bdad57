use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::File;

use super::open::Open;
use crate::artifact::Artifact;
use crate::cache::{Asked, Cache, View};
use crate::digest::{Digest, Stamp};
use crate::store::{Blob, Cancel, Destination, Durability, Error, Name, Offer, Outcome, Published};

/// A layout tar that goes to a file, in one pass: where each blob begins follows from the sizes alone, so that blobs
/// are written in parallel and in any order, and each header when its blob's digest is known.
#[derive(Debug)]
pub struct ArchiveFile {
    path: PathBuf,
    names: Vec<Name>,
    durability: Durability,
    /// Whether a transfer that fails leaves what the next one can go on with.
    resumable: bool,
    /// Who knows what is in a tar of an earlier build.
    cache: Option<Arc<Cache>>,
    /// `None` before [`Destination::begin`], after the end, and where the tar holds the artifact already.
    open: Option<Open>,
    /// Whether it does.
    current: bool,
    /// The blobs that go there, unless they are those of all layers.
    part: Option<Vec<Digest>>,
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
            resumable: false,
            cache: None,
            open: None,
            current: false,
            part: None,
        }
    }

    /// With a cache that remembers what was written, a tar that did not change since and would be the same is not written
    /// again.
    #[must_use]
    pub fn remembered_by(self, cache: Option<Arc<Cache>>) -> Self {
        Self { cache, ..self }
    }

    /// The same, where a transfer that fails leaves what it has in a hidden file beside the tar, with which the next one
    /// of the same blobs goes on. For blobs that are dear to fetch.
    #[must_use]
    pub fn resumable(self) -> Self {
        Self {
            resumable: true,
            ..self
        }
    }

    /// Where the cache comes in. Not for a tar that nobody waited for: a power failure may have left its stamp and taken
    /// its bytes.
    fn cache(&self) -> Option<&Cache> {
        self.cache.as_deref().filter(|_| self.durability == Durability::Synced)
    }

    /// The tar as the cache knows it. Its bytes depend on the artifact, on what of it and beside it is there, on the
    /// names, and on the program.
    fn asked(&self, artifact: &Artifact, stamp: Stamp) -> Asked<'_> {
        let mut form = format!("tar of modelbuild {}\n", env!("CARGO_PKG_VERSION"));
        for name in &self.names {
            form.push_str(name.full().unwrap_or_default());
            form.push(' ');
            form.push_str(name.tag());
            form.push('\n');
        }
        let referrers = artifact.referrers().map(|document| document.descriptor.digest);
        let part = self.part.iter().flatten().copied();
        for (word, digest) in part
            .map(|digest| ("part", digest))
            .chain(referrers.map(|digest| ("referrer", digest)))
        {
            form.push_str(word);
            form.push(' ');
            form.push_str(&digest.hex());
            form.push('\n');
        }
        if self.part.is_some() {
            form.push_str("no more\n");
        }
        Asked {
            path: &self.path,
            stamp,
            view: View::artifact(form.as_bytes()),
        }
    }

    fn is_current(&self, artifact: &Artifact, found: &Metadata) -> bool {
        self.cache().is_some_and(|cache| {
            let known = cache.digests(&[self.asked(artifact, Stamp::of(found))]);
            known == [Some(artifact.descriptor.digest)]
        })
    }

    fn open(&self) -> Result<&Open, Error> {
        self.open.as_ref().ok_or_else(not_begun)
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

impl ArchiveFile {
    /// Has the cache keep what the tar holds, unless somebody wrote to it since the last byte of ours. That the cache
    /// cannot is no failure.
    fn remember(&self, artifact: &Artifact, written: Stamp, published: Stamp) {
        let changed = published.changed;
        if let Some(cache) = self.cache()
            && published == (Stamp { changed, ..written })
        {
            let _ = cache.record_own(&[(self.asked(artifact, published), artifact.descriptor.digest)]);
        }
    }
}

impl Destination for ArchiveFile {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn begin(&mut self, blobs: &[Blob], artifact: Option<&Artifact>, _: &Cancel) -> Result<(), Error> {
        self.part = artifact.and_then(|artifact| part(blobs, artifact));
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
            Ok(metadata) => {
                self.current = artifact.is_some_and(|artifact| self.is_current(artifact, &metadata));
                if self.current {
                    return Ok(());
                }
            }
            Err(_) => {}
        }
        self.open = Some(Open::new(
            &self.path,
            self.directory(),
            blobs,
            self.durability,
            self.resumable,
        )?);
        Ok(())
    }

    fn is_up_to_date(&self, artifact: &Artifact) -> bool {
        fs_err::metadata(&self.path).is_ok_and(|found| self.is_current(artifact, &found))
    }

    fn slot(&self, index: usize, _: u64, digest: Option<&Digest>) -> Result<Offer<'_>, Error> {
        if self.current {
            return Ok(Offer::Has(Outcome::Present));
        }
        let slot = self.open()?.slot(index, digest);
        Ok(slot.map_or(Offer::Has(Outcome::Present), Offer::Slot))
    }

    fn seal(&mut self, artifact: &Artifact) -> Result<(), Error> {
        if self.current {
            return Ok(());
        }
        self.open()?.seal(artifact, &self.names)
    }

    fn publish(&mut self, artifact: &Artifact) -> Result<Published, Error> {
        if self.current {
            return Ok(Published::default());
        }
        let name = self.path.file_name().ok_or_else(|| {
            let why = format!("`{}` names no file", self.path.display());
            Error::writing(io::Error::new(io::ErrorKind::InvalidInput, why))
        })?;
        let open = self.open.take().ok_or_else(not_begun)?;
        // Another build that made the directory and failed may have removed it again: it was empty.
        fs_err::create_dir_all(self.directory()).map_err(Error::writing)?;
        let directory = File::open(self.directory()).map_err(Error::writing)?;
        let (written, published) = open.publish(name)?;
        if self.durability == Durability::Synced {
            directory.sync_all().map_err(Error::writing)?;
        }
        self.remember(artifact, written, published);
        Ok(Published::anew())
    }

    fn abort(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
        }
    }
}

/// What `blobs` are of, where some of the artifact's are left out.
fn part(blobs: &[Blob], artifact: &Artifact) -> Option<Vec<Digest>> {
    let is_part = blobs.len() < artifact.layers.len();
    is_part.then(|| blobs.iter().filter_map(|blob| blob.digest).collect())
}

fn not_begun() -> Error {
    Error::writing(io::Error::other("no transfer has begun"))
}
