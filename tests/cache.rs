//! What the cache of digests believes, and when; and that nothing that happens to it harms a build.

mod builds;
mod entries;
mod place;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use modelbuild::cache::{Asked, Cache, Wrapping};
use modelbuild::digest::{Digest, Stamp};
use tempfile::TempDir;

/// The directory of the format's version, in the cache's.
const SHARDS: &str = "digests-1";

/// Files, and a cache of their digests beside them.
struct Place {
    root: TempDir,
}

impl Place {
    fn new() -> Self {
        let root = TempDir::with_prefix("modelbuild-cache-").unwrap();
        Self { root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file.
    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs_err::write(&path, content).unwrap();
        path
    }

    /// The cache, by a clock that is ten seconds ahead: what was written now has rested.
    fn cache(&self) -> Cache {
        Cache::new(&self.path("cache")).with_clock(|| SystemTime::now() + Duration::from_secs(10))
    }

    /// The files of the cache, sorted.
    fn shards(&self) -> Vec<PathBuf> {
        let mut shards: Vec<_> = fs_err::read_dir(self.path("cache").join(SHARDS))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        shards.sort();
        shards
    }
}

fn stamp(path: &Path) -> Stamp {
    Stamp::of(&fs_err::metadata(path).unwrap())
}

/// A file as it is now, as a raw layer.
fn asked(path: &Path) -> Asked<'_> {
    Asked {
        path,
        stamp: stamp(path),
        wrapping: Wrapping::default(),
    }
}

/// Hashes a file and records that.
fn learn(cache: &Cache, path: &Path) {
    let file = asked(path);
    let digest = Digest::of(&fs_err::read(path).unwrap());
    assert!(cache.is_settled(path, &file.stamp));
    cache.record(&[(file, digest)]).unwrap();
}

/// What the cache says of a file.
fn known(cache: &Cache, path: &Path) -> Option<Digest> {
    cache.digests(&[asked(path)])[0]
}
