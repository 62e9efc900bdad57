use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fs_err::File;

use super::TreeOptions;
use super::claims::{Claims, MOST};
use super::error::Fault;
use super::fresh::Fresh;
use super::packed::{Budget, PackedSlot, Unpacked};
use super::present::{Present, There};
use super::root::Root;
use super::slot::FileSlot;
use super::staging::Staging;
use super::wanted::{Wanted, WantedBlob};
use crate::digest::{Digest, Stamp};
use crate::plan::LayerEncoding;
use crate::store::created::Created;
use crate::store::{Durability, Error, Offer, Outcome, os};

/// What is known of a directory while an artifact is extracted to it.
#[derive(Debug)]
pub struct Session {
    pub root: Root,
    pub options: TreeOptions,
    pub wanted: Wanted,
    pub present: Present,
    pub fresh: Fresh,
    claims: Mutex<Claims>,
    pub budget: Budget,
    /// What has come out of packed layers.
    unpacked: Mutex<Unpacked>,
    /// Digests of blobs of which all files are there.
    complete: HashSet<Digest>,
    /// The raw blobs, by their digests.
    raw: HashMap<Digest, usize>,
    /// There is none before somebody needs it.
    staging: Mutex<Option<Arc<Staging>>>,
    /// What has come of each blob.
    came: Mutex<Vec<Came>>,
    /// What was made above the directory, and itself.
    created: Created,
    /// Directories that were made in it.
    pub made: Mutex<Vec<String>>,
    /// Staged files that are not on the device yet.
    unsynced: Mutex<Vec<String>>,
}

/// What has come of a blob.
#[derive(Debug, Clone, Default)]
pub enum Came {
    /// Nothing.
    #[default]
    Nothing,
    /// A file in the staging directory, called so.
    Staged(String),
    /// A file that others are to be links to, and what it was when it was read.
    Linked(PathBuf, Stamp),
}

/// Waiting for each file pays up to this number; for more, one wait for the whole file system is quicker.
const FEW: usize = 16;

impl Session {
    /// Opens the directory, and looks at what is there. Nothing is written but the directory itself.
    pub fn begin(path: &std::path::Path, wanted: Wanted, claims: Claims, options: TreeOptions) -> Result<Self, Error> {
        let mut created = Created::default();
        let opened = created.make(|created| {
            created.directories(path)?;
            let root = Root::open(path)?;
            let is_wanted = |digest: &Digest| wanted.blobs.iter().any(|blob| blob.digest == *digest);
            Staging::sweep(&root, |digest| options.resumable && is_wanted(digest))?;
            let present = Present::look(&root, &wanted, options.cache.as_deref())?;
            Ok((root, present))
        });
        let (root, present) = opened?;
        let is_same = |file: &usize| matches!(present.of(*file), There::Same(_));
        let is_complete = |blob: &WantedBlob| !blob.files.is_empty() && blob.files.iter().all(is_same);
        let (complete, incomplete): (Vec<_>, Vec<_>) = wanted.blobs.iter().partition(|blob| is_complete(blob));
        let mut complete: HashSet<_> = complete.into_iter().map(|blob| blob.digest).collect();
        for blob in incomplete {
            complete.remove(&blob.digest);
        }
        let blobs = wanted.blobs.iter().enumerate();
        let raw = blobs.filter(|(_, blob)| blob.encoding == LayerEncoding::Raw);
        Ok(Self {
            raw: raw.map(|(index, blob)| (blob.digest, index)).collect(),
            came: Mutex::new(vec![Came::Nothing; wanted.blobs.len()]),
            complete,
            root,
            wanted,
            fresh: Fresh::new(present.missing()),
            present,
            claims: Mutex::new(claims),
            budget: Budget::new(options.max_unpacked, MOST),
            options,
            unpacked: Mutex::default(),
            staging: Mutex::default(),
            created,
            made: Mutex::default(),
            unsynced: Mutex::default(),
        })
    }

    /// Whether all files that are a blob of this digest are there.
    pub fn has(&self, digest: &Digest) -> bool {
        self.complete.contains(digest)
    }

    /// A place for a layer's blob, unless another layer asks for it, or a file has its bytes already.
    pub fn slot(self: &Arc<Self>, layer: usize) -> Result<Offer<'static>, Error> {
        let blob = self.wanted.of_layers.get(layer).copied();
        let found = blob.and_then(|index| Some((index, self.wanted.blobs.get(index)?)));
        let Some((index, blob)) = found.filter(|(_, blob)| blob.index == layer) else {
            return Ok(Offer::Has(Outcome::Present));
        };
        if blob.encoding != LayerEncoding::Raw {
            return Ok(Offer::Slot(Box::new(PackedSlot::new(self.clone(), index, blob)?)));
        }
        if self.find_out(blob)? {
            return Ok(Offer::Has(Outcome::Present));
        }
        Ok(Offer::Slot(Box::new(FileSlot::new(self.clone(), index, blob)?)))
    }

    /// Looks at the files that have the bytes of a blob. Returns whether one of them is there.
    pub fn find_out(&self, blob: &WantedBlob) -> Result<bool, Error> {
        let mut is_there = false;
        for file in &blob.files {
            let (cache, cancel) = (self.options.cache.as_deref(), &self.options.cancel);
            let there = self.present.find_out(*file, &self.root, &self.wanted, cache, cancel)?;
            is_there |= matches!(there, There::Same(_));
        }
        Ok(is_there)
    }

    /// The raw blob of a digest, and its index.
    pub fn raw_blob(&self, digest: &Digest) -> Option<(usize, &WantedBlob)> {
        let index = *self.raw.get(digest)?;
        Some((index, self.wanted.blobs.get(index)?))
    }

    /// Whether one of the files that are this blob is a program.
    pub fn has_executable(&self, blob: &WantedBlob) -> bool {
        let mut files = blob.files.iter().filter_map(|file| self.wanted.files.get(*file));
        files.any(|file| file.attributes.is_executable())
    }

    /// Where unfinished files are, made if need be.
    pub fn staging(&self) -> Result<Arc<Staging>, Error> {
        let mut staging = lock(&self.staging);
        if let Some(staging) = &*staging {
            return Ok(staging.clone());
        }
        let made = Arc::new(Staging::make(&self.root)?);
        *staging = Some(made.clone());
        Ok(made)
    }

    /// Notes what has come out of a packed layer, and claims the paths that were not known before.
    pub fn unpacked(&self, blob: &WantedBlob, more: Unpacked) -> Result<(), Fault> {
        if blob.encoding.is_tar() {
            let mut claims = lock(&self.claims);
            for file in &more.files {
                claims.file(&file.path, blob.digest)?;
            }
            for directory in &more.directories {
                claims.directory(directory, blob.digest)?;
            }
        }
        let mut unpacked = lock(&self.unpacked);
        unpacked.files.extend(more.files);
        unpacked.directories.extend(more.directories);
        unpacked.passed_over.extend(more.passed_over);
        Ok(())
    }

    /// Removes what has come out of bytes that were not the layer's.
    pub fn discard(&self, discarded: &Unpacked) {
        self.budget.give_back(discarded.spent);
        let names: HashSet<_> = discarded.files.iter().map(|file| file.staged.as_str()).collect();
        lock(&self.unsynced).retain(|name| !names.contains(name.as_str()));
        if let Some(staging) = &*lock(&self.staging) {
            for name in names {
                staging.remove(name);
            }
        }
    }

    /// All that has come out of packed layers.
    pub fn take_unpacked(&self) -> Unpacked {
        std::mem::take(&mut lock(&self.unpacked))
    }

    /// Notes what has come of a blob.
    pub fn came(&self, blob: usize, came: Came) {
        if let Some(place) = lock(&self.came).get_mut(blob) {
            *place = came;
        }
    }

    /// What has come of a blob.
    pub fn what_came(&self, blob: usize) -> Came {
        lock(&self.came).get(blob).cloned().unwrap_or_default()
    }

    /// Makes sure that a file that is complete will be on the device.
    pub fn settle(&self, name: &str, file: &File, size: u64) -> Result<(), Error> {
        /// Larger ones are synced one by one while others are being hashed.
        const ALONE: u64 = 1 << 20;
        if self.options.durability == Durability::Unsynced {
            return Ok(());
        }
        if size >= ALONE {
            return file.sync_all().map_err(Error::writing);
        }
        lock(&self.unsynced).push(name.to_owned());
        Ok(())
    }

    /// Waits until all that is staged, in `rooms` too, is on the device.
    pub fn sync_staged(&self, rooms: &BTreeSet<&str>) -> Result<(), Error> {
        let Some(staging) = lock(&self.staging).clone() else {
            return Ok(());
        };
        if self.options.durability == Durability::Unsynced {
            return Ok(());
        }
        let unsynced = std::mem::take(&mut *lock(&self.unsynced));
        if unsynced.len() + rooms.len() > FEW {
            return self.sync_all();
        }
        for name in &unsynced {
            staging.open(name)?.sync_all().map_err(Error::writing)?;
        }
        for room in rooms {
            staging.sync_room(room)?;
        }
        staging.sync()
    }

    /// Waits until all that was written to the directory's file system is on the device.
    pub fn sync_all(&self) -> Result<(), Error> {
        os::sync_filesystem(self.root.directory()).map_err(Error::writing)
    }

    /// Takes back all that was made, but for what the next one can go on with.
    pub fn take_back(&self) {
        self.root.unmake(&lock(&self.made));
        if let Some(staging) = lock(&self.staging).take() {
            let _ = staging.clear(|_| self.options.resumable);
            Staging::remove_from(&self.root);
        }
        self.created.remove();
    }

    /// Removes the staging directory.
    pub fn tidy(&self) {
        if let Some(staging) = lock(&self.staging).take() {
            let _ = staging.clear(|_| false);
            Staging::remove_from(&self.root);
        }
    }
}

/// What a lock guards, whatever became of who held it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
