//! What the cache of digests believes, and when; and that nothing that happens to it harms a build.

mod builds;
mod command;
mod edits;
mod entries;
mod place;
mod traps;
mod up_to_date;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use modelbuild::cache::{Asked, Cache, View};
use modelbuild::digest::{Digest, Stamp};
use tempfile::TempDir;

use crate::harness::Test;

/// The directory of the format's version, in the cache's.
const SHARDS: &str = "digests-1";

/// Where a run with [`Test::cached`] keeps its digests, from the working directory.
pub const CACHE: &str = "../home/cache_home/modelbuild";

/// The digest of [`tiny`].
const TINY: &str = "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6";

/// Waits until everything that was written has been at rest for long enough.
pub fn rest() {
    std::thread::sleep(Duration::from_millis(2100));
}

/// The tiny model in `m`, at rest.
pub fn model() -> Test {
    let test = Test::new()
        .file(
            "m/Modelfile",
            "NAME tiny\nFORMAT gguf\nMODEL m.gguf\nCONFIG config.json\nDOC README.md\n",
        )
        .file("m/m.gguf", "weights\n")
        .file("m/config.json", "{}\n")
        .file("m/README.md", "# tiny\n");
    rest();
    test.cached()
}

pub fn files<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

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
        view: View::default(),
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
