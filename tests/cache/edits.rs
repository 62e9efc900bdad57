//! Whatever is done to files, in whichever order and however fast: a build with the cache gives the digests of one
//! without.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fs_err::os::unix::fs::symlink;
use modelbuild::artifact::{Encoding, Recipe, Spec};
use modelbuild::build::explain::Origin;
use modelbuild::build::{Settings, build, parse, resolve};
use modelbuild::cache::Cache;
use modelbuild::digest::Digest;
use modelbuild::known::Claims;
use modelbuild::modelfile::{BuildArgs, Source};
use modelbuild::plan;
use modelbuild::registry::credentials::{Credentials, Places};
use modelbuild::registry::{self, Client, Unwatched};
use modelbuild::store::{Cancel, Options, Silent};
use tempfile::TempDir;

use super::rest;
use crate::mount;

const FILES: usize = 40;
const LINKS: usize = 4;

/// The system's clock, so far ahead that 12 ms of rest pass for the 2 s that the cache asks for: still longer than a tick
/// (10 ms at most) of the kernel's clock, by which files get their times.
fn hasty() -> SystemTime {
    SystemTime::now() + Duration::from_millis(1988)
}

/// One that asks nobody.
fn client() -> Client {
    let credentials = Credentials::new(Places::new(|_| None));
    Client::new(
        registry::Settings::default(),
        credentials,
        Arc::new(Unwatched),
        Cancel::default(),
    )
}

/// Steele, Lea, Flood: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

type Edit = fn(&mut Tree);

/// What somebody may do to a file.
const KINDS: [(&str, Edit); 16] = [
    ("write, same size", |tree| {
        let path = tree.file();
        tree.overwrite(&path);
    }),
    ("write, other size", |tree| {
        let (path, length) = (tree.file(), tree.random.below(64));
        fs_err::write(path, tree.random.bytes(length)).unwrap();
    }),
    ("grow", |tree| {
        let (path, length) = (tree.file(), size(&tree.last) + 1);
        open(&path).set_len(length).unwrap();
    }),
    ("shrink", |tree| {
        let (path, length) = (tree.file(), size(&tree.last) / 2);
        open(&path).set_len(length).unwrap();
    }),
    ("truncate and write the same size", |tree| {
        let path = tree.file();
        let bytes = tree.random.bytes(usize::try_from(size(&path)).unwrap());
        fs_err::write(path, bytes).unwrap();
    }),
    ("replace by rename, same size and mtime", |tree| {
        let path = tree.file();
        let (new, bytes) = (
            tree.outside("new"),
            tree.random.bytes(usize::try_from(size(&path)).unwrap()),
        );
        fs_err::write(&new, bytes).unwrap();
        set_modified(&new, modified(&path));
        fs_err::rename(new, path).unwrap();
    }),
    ("copy over, in place, with mtime", |tree| {
        let (from, to) = (tree.file(), tree.file());
        if from != to {
            fs_err::write(&to, fs_err::read(&from).unwrap()).unwrap();
            set_modified(&to, modified(&from));
        }
    }),
    ("hard link", |tree| {
        let (from, to) = (tree.file(), tree.file());
        if from != to {
            fs_err::remove_file(&to).unwrap();
            fs_err::hard_link(from, to).unwrap();
        }
    }),
    ("part from its hard links", |tree| {
        let path = tree.file();
        fs_err::copy(&path, tree.outside("new")).unwrap();
        fs_err::rename(tree.outside("new"), path).unwrap();
    }),
    ("write, same size, mtime set back", |tree| {
        let path = tree.file();
        let before = modified(&path);
        tree.overwrite(&path);
        set_modified(&path, before);
    }),
    ("touch", |tree| set_modified(&tree.file(), SystemTime::now())),
    ("set mtime", |tree| {
        let (path, second) = (tree.file(), tree.random.below(4));
        set_modified(&path, SystemTime::UNIX_EPOCH + Duration::from_secs(second as u64));
    }),
    ("delete and make again, same size and mtime", |tree| {
        let path = tree.file();
        let (bytes, before) = (
            tree.random.bytes(usize::try_from(size(&path)).unwrap()),
            modified(&path),
        );
        fs_err::remove_file(&path).unwrap();
        fs_err::write(&path, bytes).unwrap();
        set_modified(&path, before);
    }),
    ("swap", |tree| {
        let (one, other) = (tree.file(), tree.file());
        fs_err::rename(&one, tree.outside("one")).unwrap();
        if one != other {
            fs_err::rename(&other, &one).unwrap();
        }
        fs_err::rename(tree.outside("one"), &other).unwrap();
    }),
    ("retarget a symlink", |tree| {
        let link = tree.context().join(format!("link{}", tree.random.below(LINKS)));
        let target = tree.file();
        fs_err::remove_file(&link).unwrap();
        symlink(target.file_name().unwrap(), link).unwrap();
    }),
    ("chmod", |tree| {
        let mode = [0o600, 0o644, 0o755][tree.random.below(3)];
        fs_err::set_permissions(tree.file(), PermissionsExt::from_mode(mode)).unwrap();
    }),
];

fn open(path: &Path) -> fs_err::File {
    fs_err::OpenOptions::new().write(true).open(path).unwrap()
}

fn size(path: &Path) -> u64 {
    fs_err::metadata(path).unwrap().len()
}

fn modified(path: &Path) -> SystemTime {
    fs_err::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, time: SystemTime) {
    open(path).file().set_modified(time).unwrap();
}

/// Files that are edited at random.
struct Tree {
    root: PathBuf,
    seed: u64,
    random: Random,
    /// The file that was picked last.
    last: PathBuf,
}

impl Tree {
    /// In an empty directory. What is done follows from the environment's `SEED`, or else from the clock.
    fn new(root: &Path) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let seed = match std::env::var("SEED") {
            Ok(seed) => seed.parse().unwrap(),
            Err(_) => u64::from(now.subsec_nanos()),
        };
        let mut tree = Self {
            root: root.to_owned(),
            seed,
            random: Random(seed),
            last: PathBuf::new(),
        };
        fs_err::create_dir(tree.context()).unwrap();
        for number in 0..FILES {
            let bytes = tree.random.bytes(number);
            fs_err::write(tree.context().join(format!("file{number:02}")), bytes).unwrap();
        }
        for number in 0..LINKS {
            symlink("file00", tree.context().join(format!("link{number}"))).unwrap();
        }
        tree
    }

    fn context(&self) -> PathBuf {
        self.root.join("context")
    }

    /// A place beside the context.
    fn outside(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Any file.
    fn file(&mut self) -> PathBuf {
        let number = self.random.below(FILES);
        self.last = self.context().join(format!("file{number:02}"));
        self.last.clone()
    }

    /// Writes a byte or more in place.
    fn overwrite(&mut self, path: &Path) {
        use std::io::Write as _;
        let bytes = self.random.bytes(usize::try_from(size(path)).unwrap());
        open(path).write_all(&bytes).unwrap();
    }

    /// Builds with the cache, checks the digest of each file, and returns how many of them the cache gave.
    fn build(&self, cache: &Cache, done: &str) -> usize {
        let source = Source {
            name: "Modelfile".to_owned(),
            text: "NAME m\nDATASET *\n".to_owned(),
        };
        let (modelfile, findings) = parse(&source, &BuildArgs::default());
        let (plan, _) = resolve(&modelfile, findings, &self.context(), &plan::Options::default()).unwrap();
        let recipe = Recipe {
            spec: Spec::ModelPack,
            encoding: Encoding::Raw,
            created: None,
            annotations: BTreeMap::new(),
        };
        let settings = Settings {
            options: Options {
                jobs: NonZeroUsize::MIN,
            },
            strict: false,
            cache: Some(cache),
            claims: &Claims::default(),
            client: &client(),
        };
        let built = build(&plan, &recipe, &mut [], settings, &Silent, &Cancel::default()).unwrap();
        assert!(built.forgotten.is_none(), "{built:?}");
        assert_eq!(plan.files.len(), FILES + LINKS);
        for ((file, layer), origin) in plan.files.iter().zip(&built.artifact.layers).zip(&built.origins) {
            let uncached = Digest::of(&fs_err::read(&file.own().unwrap().path).unwrap());
            let (seed, path) = (self.seed, &file.path);
            assert_eq!(
                layer.digest, uncached,
                "{path} is {origin:?} with SEED={seed} after {done}"
            );
        }
        let cached = |origin: &&Origin| matches!(origin, Origin::Cached { .. });
        built.origins.iter().filter(cached).count()
    }

    /// Edits files, a few between one build and the next. Returns how many digests came from the cache.
    fn edit(&mut self, edits: usize, cache: &Cache) -> usize {
        let (mut edited, mut cached) = (0, 0);
        while edited < edits {
            let mut done = Vec::new();
            for _ in 0..=self.random.below(8) {
                let (name, edit) = KINDS[self.random.below(KINDS.len())];
                edit(self);
                done.push((name, self.last.clone()));
            }
            edited += done.len();
            cached += self.build(cache, &format!("{edited} edits, the last being {done:#?}"));
        }
        cached
    }
}

#[test]
fn ten_thousand_edits_never_leave_a_wrong_digest() {
    const EDITS: usize = 10_000;
    let root = TempDir::with_prefix("modelbuild-edits-").unwrap();
    let mut tree = Tree::new(root.path());
    let cache = Cache::new(&tree.outside("cache")).with_clock(hasty);
    let cached = tree.edit(EDITS, &cache);
    // Else nothing was put to the test.
    assert!(
        cached > EDITS / 10,
        "SEED={}: {cached} digests came from the cache",
        tree.seed
    );
}

/// Kernels since 6.13 give a file another time whenever somebody has looked at it in between. Where a second has one time
/// only, nothing but rest tells.
#[test]
fn nor_do_edits_within_one_tick_of_a_coarse_clock() {
    let root = TempDir::with_prefix("modelbuild-edits-").unwrap();
    let Some(_mounted) = mount::coarse(&root.path().join("coarse")) else {
        return;
    };
    let mut tree = Tree::new(&root.path().join("coarse"));
    let cache = Cache::new(&tree.outside("cache"));
    let mut cached = 0;
    for _ in 0..3 {
        cached += tree.edit(200, &cache);
        rest();
        cached += tree.build(&cache, "a rest");
    }
    assert!(cached > 0, "SEED={}: no digest came from the cache", tree.seed);
}
