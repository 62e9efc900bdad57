use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fs_err::File;
use rustix::fs::{AtFlags, FileType, FlockOperation, statat};
use rustix::io::Errno;

use super::directory::{self, lock_blobs};
use super::{Index, blobs_path};
use crate::digest::{Digest, Stamp};
use crate::files::sweep_partials;
use crate::plan::plural;
use crate::store::created::Created;
use crate::store::{Content, Durability, Error, os};

/// What is known of a layout while a transfer runs.
#[derive(Debug)]
pub struct Session {
    /// `blobs/sha256`.
    pub blobs: PathBuf,
    /// `blobs/sha256` again, open: it holds the shared lock.
    lock: File,
    /// The index when the transfer began.
    before: Index,
    /// Sizes of the blobs that were there then.
    pub sizes: HashSet<u64>,
    /// What was made to have a layout at all.
    created: Created,
    /// What this transfer added.
    added: Mutex<Vec<Added>>,
    /// Hard links that are to be made: to which file, and what it was when it was read.
    links: Mutex<BTreeMap<Digest, (PathBuf, Stamp)>>,
    /// Whether a blob was found that somebody else added, who may not have waited for the device.
    found: AtomicBool,
    pub durability: Durability,
    /// See [`super::Layout::resumable`].
    pub resumable: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Added {
    digest: Digest,
    /// Whether its bytes are on the device already.
    synced: bool,
}

impl Session {
    /// Where all digests are known, it may be that there is nothing to write: then nobody asks whether we could. Nor need
    /// it be guessed from the sizes which blobs are there.
    pub fn begin(path: &Path, durability: Durability, resumable: bool, all_known: bool) -> Result<Self, Error> {
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

    pub fn blob(&self, digest: &Digest) -> PathBuf {
        self.blobs.join(digest.hex())
    }

    /// Whether the blob is there. One of another size is damage: it would be published as if it were whole.
    pub fn holds(&self, digest: &Digest, size: u64) -> Result<bool, Error> {
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
    pub fn layout(&self) -> &Path {
        self.blobs.ancestors().nth(2).unwrap_or(&self.blobs)
    }

    pub fn damaged(&self, what: String) -> Error {
        Error::DamagedBlob {
            path: self.layout().into(),
            what,
        }
    }

    pub fn added(&self) -> MutexGuard<'_, Vec<Added>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn remember(&self, digest: Digest, synced: bool) {
        self.added().push(Added { digest, synced });
    }

    pub fn links(&self) -> MutexGuard<'_, BTreeMap<Digest, (PathBuf, Stamp)>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a file lies where a link to it can be made.
    pub fn is_near(&self, content: &Content) -> Result<bool, Error> {
        os::is_linkable(&content.file, &self.lock).map_err(Error::writing)
    }

    pub fn make_links(&self) -> Result<(), Error> {
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
    pub fn sync(&self) -> Result<(), Error> {
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
    pub fn take_back(self, path: &Path) {
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
