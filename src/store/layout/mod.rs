//! An OCI image layout: a directory with `oci-layout`, `index.json` and one file a blob (OCI image-spec,
//! image-layout.md).
//!
//! Whatever happens, the layout is valid: blobs get their names when they are complete, `index.json` is replaced last
//! and in one step. Two locks keep several processes apart, both advisory and both on directories, so that no file of
//! ours lies in the layout: a shared one on `blobs/sha256` for as long as blobs are being added or read (whoever wants to
//! remove some takes it exclusively), and an exclusive one on the layout itself while `index.json` is rewritten. Nobody
//! waits for the first while holding the second.

mod directory;
mod entry;
mod index;
mod session;
mod slot;

use std::path::{Path, PathBuf};

pub use directory::{MARKER, MARKER_BYTES, is_vacant, lock_at, lock_blobs};
pub use entry::Entry;
use fs_err::File;
pub use index::{IMAGE_NAME, Index, REF_NAME};
use rustix::fs::FlockOperation;
use session::Session;
use slot::BlobSlot;

use super::{
    Blob, Cancel, Content, Destination, Durability, Error, Linking, Name, Offer, Outcome, Published, Unlinked,
};
use crate::artifact::{Artifact, Descriptor};
use crate::digest::Digest;
use crate::files::replace_file;

/// Where the layout at `path` keeps its blobs.
pub fn blobs_path(path: &Path) -> PathBuf {
    path.join("blobs").join("sha256")
}

/// Where the layout at `path` keeps a blob.
pub fn blob_path(path: &Path, digest: &Digest) -> PathBuf {
    blobs_path(path).join(digest.hex())
}

/// Whether blobs may be hard links to the source files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// Never: a blob is a copy of its own (or shares blocks, where the file system can).
    #[default]
    Never,
    /// Where the file system allows it. A later write to the source file then damages the layout.
    Hard,
}

/// A layout that takes an artifact.
#[derive(Debug)]
pub struct Layout {
    path: PathBuf,
    names: Vec<Name>,
    durability: Durability,
    link: Link,
    /// Whether a transfer that fails leaves what the next one can go on with.
    resumable: bool,
    /// Whether earlier models without a tag stay.
    adding: bool,
    /// `None` before [`Destination::begin`] and after the end.
    session: Option<Session>,
}

impl Layout {
    /// A layout in the directory `path`, which may exist or not; the artifact will be there under `names`. Nothing is
    /// touched yet.
    #[must_use]
    pub const fn new(path: PathBuf, names: Vec<Name>, durability: Durability, link: Link) -> Self {
        Self {
            path,
            names,
            durability,
            link,
            resumable: false,
            adding: false,
            session: None,
        }
    }

    /// The same, in which a transfer that fails leaves its blobs, the complete ones under their names, and what it has of
    /// the others in hidden files that the next transfer goes on with. For blobs that are dear to fetch.
    #[must_use]
    pub fn resumable(self) -> Self {
        Self {
            resumable: true,
            ..self
        }
    }

    /// The same, in which an earlier model without a tag stays beside the artifact, which takes nothing's place but that
    /// of what has one of its names.
    #[must_use]
    pub fn adding(self) -> Self {
        Self { adding: true, ..self }
    }

    fn session(&self) -> Result<&Session, Error> {
        self.session
            .as_ref()
            .ok_or_else(|| Error::writing(std::io::Error::other("no transfer has begun")))
    }

    /// Takes a blob that is all in memory. One that is there is compared: it is small, and the artifact rests on it.
    fn put(&self, bytes: &[u8], descriptor: &Descriptor) -> Result<(), Error> {
        let digest = &descriptor.digest;
        let outcome = match self.slot(0, descriptor.size, Some(digest))? {
            Offer::Slot(mut slot) => {
                slot.write(bytes)?;
                slot.commit(digest)?
            }
            Offer::Has(outcome) => outcome,
            Offer::Mounted(_) => Outcome::Mounted,
        };
        let session = self.session()?;
        if outcome == Outcome::Present && !directory::holds(&session.blob(digest), bytes)? {
            return Err(session.damaged(format!("the blob {digest} has other bytes than its name says")));
        }
        Ok(())
    }

    /// Rewrites `index.json` under the lock, from what it says now: another build may have published meanwhile.
    fn add_to_index(&self, artifact: &Artifact) -> Result<Published, Error> {
        let directory = File::open(&self.path).map_err(Error::writing)?;
        directory::lock(&directory, FlockOperation::LockExclusive)?;
        let old = Index::read(&self.path)?;
        let is_outdated = |entry: &Entry| !self.adding && entry.is_model(&self.path);
        let (new, replaced) = old.with(&self.path, &artifact.descriptor, &self.names, is_outdated)?;
        let new = new.beside(&self.path, artifact.referrers())?;
        if new == old {
            return Ok(Published::default());
        }
        replace_file(&self.path.join("index.json"), new.bytes(), self.durability).map_err(Error::writing)?;
        Ok(Published {
            changed: true,
            replaced,
        })
    }
}

impl Destination for Layout {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn begin(&mut self, _: &[Blob], artifact: Option<&Artifact>, _: &Cancel) -> Result<(), Error> {
        self.session = Some(Session::begin(
            &self.path,
            self.durability,
            self.resumable,
            artifact.is_some(),
        )?);
        Ok(())
    }

    fn may_hold(&self, size: u64) -> bool {
        // To link a file, its digest must be known first.
        self.link == Link::Hard
            || self
                .session
                .as_ref()
                .is_some_and(|session| session.sizes.contains(&size))
    }

    fn slot(&self, _: usize, size: u64, digest: Option<&Digest>) -> Result<Offer<'_>, Error> {
        let session = self.session()?;
        if let Some(digest) = digest
            && session.holds(digest, size)?
        {
            return Ok(Offer::Has(Outcome::Present));
        }
        Ok(Offer::Slot(Box::new(BlobSlot::new(session, size, digest)?)))
    }

    fn has(&self, digest: &Digest, size: u64) -> bool {
        if let Some(session) = &self.session {
            // What is wrong with one that is damaged is said when a place for it is asked for.
            return session.holds(digest, size).unwrap_or(false);
        }
        fs_err::symlink_metadata(blob_path(&self.path, digest))
            .is_ok_and(|found| found.is_file() && found.len() == size)
    }

    fn linking(&self, content: &Content) -> Result<Linking, Error> {
        if self.link != Link::Hard {
            return Ok(Linking::Unasked);
        }
        let is_near = self.session()?.is_near(content)?;
        let elsewhere = (!is_near).then_some(Unlinked::Elsewhere);
        let fault = content.beyond_file().or(elsewhere);
        Ok(fault.map_or(Linking::Possible, Linking::Not))
    }

    fn link(&self, content: &Content, digest: &Digest) -> Result<bool, Error> {
        if self.linking(content)? != Linking::Possible {
            return Ok(false);
        }
        // Made when every file has been read: a link changes the file's `ctime`, which would look like a change to
        // whoever still reads it.
        let path = content.file.path().to_owned();
        self.session()?.links().insert(*digest, (path, content.stamp));
        Ok(true)
    }

    fn seal(&mut self, artifact: &Artifact) -> Result<(), Error> {
        self.session()?.make_links()?;
        for document in &artifact.documents {
            self.put(&document.bytes, &document.descriptor)?;
        }
        self.put(&artifact.manifest, &artifact.descriptor)?;
        self.session()?.sync()
    }

    fn publish(&mut self, artifact: &Artifact) -> Result<Published, Error> {
        let mut published = self.add_to_index(artifact)?;
        let session = self.session.take();
        published.changed |= session.is_some_and(|session| !session.added().is_empty());
        Ok(published)
    }

    fn abort(&mut self) {
        if let Some(session) = self.session.take() {
            session.take_back(&self.path);
        }
    }
}
