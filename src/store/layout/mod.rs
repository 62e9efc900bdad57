//! An OCI image layout: a directory with `oci-layout`, `index.json` and one file a blob (OCI image-spec,
//! image-layout.md).
//!
//! Whatever happens, the layout is valid: blobs get their names when they are complete, `index.json` is replaced last
//! and in one step. Two locks keep several processes apart, both advisory and both on directories, so that no file of
//! ours lies in the layout: a shared one on `blobs/sha256` for as long as blobs are being added (whoever wants to
//! remove some takes it exclusively), and an exclusive one on the layout itself while `index.json` is rewritten. Nobody
//! waits for the first while holding the second.

mod directory;
mod entry;
mod index;
mod slot;

use std::collections::{BTreeMap, HashSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use directory::{MARKER, MARKER_BYTES, lock_at, lock_blobs};
pub use entry::Entry;
use fs_err::File;
pub use index::{IMAGE_NAME, Index, REF_NAME};
use rustix::fs::{AtFlags, FileType, FlockOperation, statat};
use rustix::io::Errno;
use slot::BlobSlot;

use super::created::Created;
use super::{Blob, Cancel, Content, Destination, Durability, Error, Name, Offer, Outcome, Published, os};
use crate::artifact::{Artifact, Descriptor};
use crate::digest::{Digest, Stamp};
use crate::files::{replace_file, sweep_partials};
use crate::plan::plural;

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
    /// `None` before [`Destination::begin`] and after the end.
    session: Option<Session>,
}

/// What is known of a layout while a transfer runs.
#[derive(Debug)]
struct Session {
    /// `blobs/sha256`.
    blobs: PathBuf,
    /// `blobs/sha256` again, open: it holds the shared lock.
    lock: File,
    /// The index when the transfer began.
    before: Index,
    /// Sizes of the blobs that were there then.
    sizes: HashSet<u64>,
    /// What was made to have a layout at all.
    created: Created,
    /// What this transfer added.
    added: Mutex<Vec<Added>>,
    /// Hard links that are to be made: to which file, and what it was when it was read.
    links: Mutex<BTreeMap<Digest, (PathBuf, Stamp)>>,
    /// Whether a blob was found that somebody else added, who may not have waited for the device.
    found: AtomicBool,
    durability: Durability,
    /// See [`Layout::resumable`].
    resumable: bool,
}

#[derive(Debug, Clone, Copy)]
struct Added {
    digest: Digest,
    /// Whether its bytes are on the device already.
    synced: bool,
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
        let is_model = |entry: &Entry| entry.is_model(&self.path);
        let (new, replaced) = old.with(&self.path, &artifact.descriptor, &self.names, is_model)?;
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

    fn can_link(&self, content: &Content) -> Result<bool, Error> {
        Ok(self.link == Link::Hard && content.is_whole_file() && self.session()?.can_link(content)?)
    }

    fn link(&self, content: &Content, digest: &Digest) -> Result<bool, Error> {
        if !self.can_link(content)? {
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

impl Session {
    /// Where all digests are known, it may be that there is nothing to write: then nobody asks whether we could. Nor need
    /// it be guessed from the sizes which blobs are there.
    fn begin(path: &Path, durability: Durability, resumable: bool, all_known: bool) -> Result<Self, Error> {
        let mut created = Created::default();
        let prepare = || directory::prepare(path, durability, &mut created);
        let (before, lock) = lock_blobs(path, prepare)?;
        let mut session = Self {
            blobs: blobs_path(path),
            lock,
            before,
            sizes: HashSet::new(),
            created,
            added: Mutex::default(),
            links: Mutex::default(),
            found: AtomicBool::new(false),
            durability,
            resumable,
        };
        if resumable {
            sweep_partials(&session.blobs, "".as_ref());
        }
        if all_known {
            return Ok(session);
        }
        let usable = directory::check_writable(path, &session.blobs);
        match usable.and_then(|()| directory::blob_sizes(&session.blobs)) {
            Ok(sizes) => session.sizes = sizes,
            Err(error) => {
                session.take_back(path);
                return Err(error);
            }
        }
        Ok(session)
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.blobs.join(digest.hex())
    }

    /// Whether the blob is there. One of another size is damage: it would be published as if it were whole.
    fn holds(&self, digest: &Digest, size: u64) -> Result<bool, Error> {
        // Not following symlinks: crane refuses a blob that is one.
        // From the open directory: the kernel need not find the way to it for each of 10,000 blobs.
        let found = match statat(&self.lock, digest.hex(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode).is_file() => {
                u64::try_from(stat.st_size).unwrap_or_default()
            }
            Ok(_) => return Err(self.damaged(format!("the blob {digest} is not a file"))),
            Err(Errno::NOENT) => return Ok(false),
            Err(error) => {
                let what = format!("{}: {}", self.blob(digest).display(), std::io::Error::from(error));
                return Err(Error::writing(std::io::Error::new(error.kind(), what)));
            }
        };
        if found == size {
            self.found.store(true, Ordering::Relaxed);
            return Ok(true);
        }
        Err(self.damaged(format!(
            "the blob {digest} has {} instead of {size}",
            plural(found, "byte")
        )))
    }

    /// The layout's directory.
    fn layout(&self) -> &Path {
        self.blobs.ancestors().nth(2).unwrap_or(&self.blobs)
    }

    fn damaged(&self, what: String) -> Error {
        Error::DamagedBlob {
            path: self.layout().into(),
            what,
        }
    }

    fn added(&self) -> MutexGuard<'_, Vec<Added>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, digest: Digest, synced: bool) {
        self.added().push(Added { digest, synced });
    }

    fn links(&self) -> MutexGuard<'_, BTreeMap<Digest, (PathBuf, Stamp)>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a file lies where a link to it can be made: in the same mounted file system.
    fn can_link(&self, content: &Content) -> Result<bool, Error> {
        let blobs = self.lock.metadata().map_err(Error::writing)?;
        Ok(blobs.dev() == content.stamp.device)
    }

    fn make_links(&self) -> Result<(), Error> {
        for (digest, (path, stamp)) in std::mem::take(&mut *self.links()) {
            if self.holds(&digest, stamp.size)? {
                continue;
            }
            // A link to a symlink would be a symlink.
            let path = fs_err::canonicalize(path).map_err(Error::reading)?;
            let blob = self.blob(&digest);
            fs_err::hard_link(&path, &blob).map_err(|cause| Error::Link { cause })?;
            self.remember(digest, false);
            // What was linked must be what was hashed; links change nothing but `ctime`.
            let linked = Stamp::of(&fs_err::metadata(&blob).map_err(Error::writing)?);
            let changed = stamp.changed;
            if (Stamp { changed, ..linked }) != stamp {
                return Err(Error::Changed { path });
            }
        }
        Ok(())
    }

    /// Waits until what was added is on the device.
    fn sync(&self) -> Result<(), Error> {
        /// From here on one wait for the whole file system is quicker than one for each file.
        const MANY: usize = 16;
        let added = self.added();
        if self.durability == Durability::Unsynced || added.is_empty() {
            return Ok(());
        }
        let unsynced: Vec<_> = added.iter().filter(|added| !added.synced).collect();
        if unsynced.len() > MANY || self.found.load(Ordering::Relaxed) {
            return os::sync_filesystem(&self.lock).map_err(Error::writing);
        }
        for added in unsynced {
            File::open(self.blob(&added.digest))
                .and_then(|file| file.sync_all())
                .map_err(Error::writing)?;
        }
        self.lock.sync_all().map_err(Error::writing)
    }

    /// Removes what this transfer added, unless another build works here and may count on it already, or has published
    /// meanwhile: then the blobs stay, complete and under their right names, and only take up space.
    fn take_back(self, path: &Path) {
        if self.resumable {
            return;
        }
        let alone = rustix::fs::flock(&self.lock, FlockOperation::NonBlockingLockExclusive).is_ok();
        // Whoever wants to begin meanwhile waits for either lock, and then finds all of the layout or nothing.
        let Ok(Some(_locked)) = directory::lock_at(path, FlockOperation::LockExclusive) else {
            return;
        };
        if !alone || Index::read(path).ok().as_ref() != Some(&self.before) {
            return;
        }
        for added in self.added().iter() {
            // Best effort: a blob that stays is harmless.
            let _ = fs_err::remove_file(self.blob(&added.digest));
        }
        self.created.remove();
    }
}
