//! Which digests are known of files that did not change.
//!
//! Enters: files as `stat` sees them. Leaves: the digests that an earlier build found out for exactly these stamps. What
//! is promised is that a digest is right or not given at all, whatever happened to the files, the clock or the cache in
//! between, and that no trouble with the cache is trouble for the build: a place that cannot be read holds nothing, and
//! one that cannot be written stays as it is.
//!
//! A stamp stands for a content only if every later write must change it. So a file is recorded only if it had been at
//! rest for longer than the coarsest clock of a file system ticks when its hashing *began* (git's "racy" rule): a write
//! after that has a later `ctime`, which nobody can set back. What `stat` cannot see, such as a write through a memory
//! map whose first page fault lies further back, is listed in docs/cache.md.

mod directory;
mod documents;
mod entry;
mod escape;
mod file_system;
mod own;
mod shard;
mod survey;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use entry::View;
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
pub use survey::{Pruned, Survey};

use self::directory::Directory;
use self::entry::{Entry, Key};
use self::file_system::{FileSystem, ask_server};
use self::shard::Shard;
use crate::cores;
use crate::digest::{Digest, Stamp};

/// A file as somebody found it, and which digest of it is meant.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What `stat` said of it.
    pub stamp: Stamp,
    /// Which digest.
    pub view: View,
}

/// What is known of a file's blob, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The blob's digest.
    pub digest: Digest,
    /// When it was recorded, in seconds since 1970.
    pub when: u64,
    /// What the file was called then; characters other than ASCII's visible ones are escaped.
    pub path: String,
}

impl Known {
    fn of(entry: &Entry) -> Self {
        Self {
            digest: entry.digest,
            when: entry.when,
            path: entry.path.clone(),
        }
    }
}

/// Digests of earlier builds, in a directory of the user's.
#[derive(Debug)]
pub struct Cache {
    directory: Directory,
    now: fn() -> SystemTime,
    /// The file systems seen so far, by their device: one question for each.
    file_systems: RwLock<HashMap<u64, FileSystem>>,
}

impl Cache {
    /// The cache in `directory`, which may exist or not. Nothing is touched yet.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: Directory::new(directory, directory::DIGESTS),
            now: SystemTime::now,
            file_systems: RwLock::default(),
        }
    }

    /// The same with another clock than the system's: tests have no time to let files rest.
    #[must_use]
    pub fn with_clock(self, now: fn() -> SystemTime) -> Self {
        Self { now, ..self }
    }

    /// The directory that everything is in, whether it exists or not.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The directories that it writes to, whether they exist or not.
    #[must_use]
    pub fn directories(&self) -> [PathBuf; 2] {
        [self.path().to_owned(), self.documents().path().to_owned()]
    }

    /// Checks that the directory, if there is one, is the user's alone.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn check(&self) -> io::Result<()> {
        match self.directory.check() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// The digests of the blobs of `files` that are known, in their order.
    ///
    /// Memory holds one shard a core at a time.
    #[must_use]
    pub fn digests(&self, files: &[Asked<'_>]) -> Vec<Option<Digest>> {
        let known = self.known(files).into_iter();
        known.map(|known| known.map(|known| known.digest)).collect()
    }

    /// What [`Self::digests`] tells, and where it is known from.
    #[must_use]
    pub fn known(&self, files: &[Asked<'_>]) -> Vec<Option<Known>> {
        let mut found = vec![None; files.len()];
        if !self.directory.is_usable() {
            return found;
        }
        let mut by_shard: BTreeMap<u8, Vec<(&Asked<'_>, &mut Option<Known>)>> = BTreeMap::new();
        for (file, known) in files.iter().zip(&mut found) {
            by_shard
                .entry(Shard::number(&file.stamp))
                .or_default()
                .push((file, known));
        }
        let by_shard: Vec<_> = by_shard.into_iter().collect();
        let weight = files.len() / by_shard.len().max(1);
        cores::map_groups(by_shard, weight, |(number, asked)| {
            let shard = self.directory.read(number);
            for (file, known) in asked {
                let entry = shard.entry(&file.stamp, file.view);
                *known = entry.filter(|_| self.is_believable(file)).map(Known::of);
            }
        });
        self.confirm(files, &mut found);
        found
    }

    /// Whether a digest of this file may be recorded, if it is hashed from now on and `stat` then says the same.
    #[must_use]
    pub fn is_settled(&self, path: &Path, stamp: &Stamp) -> bool {
        self.file_system(path, stamp)
            .rest(stamp)
            .is_some_and(|rest| stamp.is_settled((self.now)(), rest))
    }

    /// Keeps what was found out about files that were settled.
    ///
    /// # Errors
    /// It cannot be written; what was known before is known still.
    pub fn record(&self, found: &[(Asked<'_>, Digest)]) -> io::Result<()> {
        let when = (self.now)().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut by_shard: BTreeMap<u8, Vec<Entry>> = BTreeMap::new();
        for (file, digest) in found {
            by_shard.entry(Shard::number(&file.stamp)).or_default().push(Entry {
                stamp: file.stamp,
                view: file.view,
                digest: *digest,
                when,
                path: escape::path(file.path),
            });
        }
        self.directory.change(by_shard, Shard::insert)
    }

    /// Gives up what is known of files, because it proved wrong.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn forget(&self, files: &[Asked<'_>]) -> io::Result<()> {
        let mut by_shard: BTreeMap<u8, Vec<Key>> = BTreeMap::new();
        for file in files {
            by_shard
                .entry(Shard::number(&file.stamp))
                .or_default()
                .push(Key::new(&file.stamp, file.view));
        }
        self.directory.change(by_shard, Shard::remove)
    }

    /// Whether a stamp is worth believing at all.
    fn is_believable(&self, file: &Asked<'_>) -> bool {
        // A stamp from the future shows that a clock jumped: its time comes again.
        file.stamp.is_settled((self.now)(), Duration::ZERO)
            && self.file_system(file.path, &file.stamp).rest(&file.stamp).is_some()
    }

    /// Takes back digests of files whose server says something else than `stat` did.
    fn confirm(&self, files: &[Asked<'_>], found: &mut [Option<Known>]) {
        /// Questions on their way at a time: each waits for the network.
        const QUESTIONS: usize = 16;
        let is_remote = |(file, known): &(&Asked<'_>, &mut Option<Known>)| {
            known.is_some() && self.file_system(file.path, &file.stamp).is_remote()
        };
        let remote: Vec<_> = files.iter().zip(found).filter(is_remote).collect();
        if remote.is_empty() {
            return;
        }
        let ask = |(file, known): (&Asked<'_>, &mut Option<Known>)| {
            if ask_server(file.path) != Some(file.stamp) {
                *known = None;
            }
        };
        match ThreadPoolBuilder::new()
            .num_threads(QUESTIONS.min(remote.len()))
            .build()
        {
            Ok(pool) => pool.install(|| remote.into_par_iter().for_each(ask)),
            // Without threads one after the other.
            Err(_) => remote.into_iter().for_each(ask),
        }
    }

    fn file_system(&self, path: &Path, stamp: &Stamp) -> FileSystem {
        let known = self.file_systems.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&stamp.device) {
            return *known;
        }
        drop(known);
        let found = FileSystem::of(path, stamp.device);
        let mut known = self.file_systems.write().unwrap_or_else(PoisonError::into_inner);
        *known.entry(stamp.device).or_insert(found)
    }
}

/// Makes the directory `path` for something that is kept beside the digests, where it is not there yet, and checks that it
/// is the user's alone: what somebody else could have put there is not to be believed.
///
/// # Errors
/// It cannot be made, or others can write to it.
pub fn prepare_private(path: PathBuf) -> std::io::Result<()> {
    directory::Directory::at(path).prepare()
}

/// Where the cache is unless somebody says: `modelbuild` in the user's directory for caches.
///
/// `xdg` and `home` are what `XDG_CACHE_HOME` and `HOME` hold. A relative path counts as none (XDG base directory
/// specification).
#[must_use]
pub fn default_directory(xdg: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    let absolute = |path: &&Path| path.is_absolute();
    let caches = xdg
        .filter(absolute)
        .map(Path::to_owned)
        .or_else(|| home.filter(absolute).map(|home| home.join(".cache")))?;
    Some(caches.join("modelbuild"))
}
