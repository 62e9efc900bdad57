//! A file that changes while it is read is noticed, and nothing of it is published.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use fs_err::OpenOptions;
use modelbuild::artifact::{Artifact, Descriptor};
use modelbuild::digest::{Digest, Stamp};
use modelbuild::registry::Client;
use modelbuild::store::stored::{Flaw, Root, Store as StoredPlace};
use modelbuild::store::{
    ArchiveFile, ArchiveStream, Blob, Bytes, Cancel, Choice, Content, Destination, Durability, Error, Layout, Link,
    Location, Options, Reference, Silent, Source, transfer,
};
use snapbox::str;
use tempfile::TempDir;

use crate::harness::Test;
use crate::layout::{self, contents};

/// A client for what lies on disk: nobody is asked.
/// What somebody does to a file.
#[derive(Debug, Clone, Copy)]
enum Change {
    Append,
    Truncate,
    /// Same size, and the modification time is set back.
    Rewrite,
    /// Another file of the same size is renamed over it.
    Replace,
    Remove,
}

const CHANGES: [Change; 5] = [
    Change::Append,
    Change::Truncate,
    Change::Rewrite,
    Change::Replace,
    Change::Remove,
];

impl Change {
    fn make(self, path: &Path) {
        let metadata = fs_err::metadata(path).unwrap();
        let mut options = OpenOptions::new();
        options.write(true);
        match self {
            Self::Append => options.append(true).open(path).unwrap().write_all(b"more").unwrap(),
            Self::Truncate => options.open(path).unwrap().set_len(metadata.len() / 2).unwrap(),
            Self::Rewrite => {
                let mut file = options.open(path).unwrap();
                file.write_all(b"other").unwrap();
                file.file()
                    .set_modified(metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH))
                    .unwrap();
            }
            Self::Replace => {
                let other = path.with_extension("other");
                fs_err::File::create(&other).unwrap().set_len(metadata.len()).unwrap();
                fs_err::rename(other, path).unwrap();
            }
            Self::Remove => fs_err::remove_file(path).unwrap(),
        }
    }
}

/// One file, to which something is done once it is open.
struct Treacherous {
    path: PathBuf,
    change: Change,
    /// Which opening of the file it is done at, counted from 0: a stream opens it twice.
    at: usize,
    opened: std::sync::atomic::AtomicUsize,
    stamp: Stamp,
    blobs: Vec<Blob>,
}

impl Source for Treacherous {
    fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    fn open(&self, _: usize, _: &Cancel) -> Result<Bytes, Error> {
        let file = fs_err::File::open(&self.path).map_err(Error::reading)?;
        if self.opened.fetch_add(1, Ordering::Relaxed) == self.at {
            self.change.make(&self.path);
        }
        Ok(Bytes::File(Content {
            file: file.into(),
            offset: 0,
            length: self.stamp.size,
            stamp: self.stamp,
            prefix: Vec::new(),
            suffix: Vec::new(),
        }))
    }

    /// Before anything is streamed.
    fn assemble(&self, _: &[Digest]) -> Result<Artifact, Error> {
        let nothing = || Descriptor {
            media_type: String::new(),
            digest: Digest::of(&[]),
            size: 0,
            annotations: BTreeMap::new(),
        };
        Ok(Artifact {
            descriptor: nothing(),
            manifest: Vec::new(),
            documents: Vec::new(),
            layers: Vec::new(),
            annotations: BTreeMap::new(),
        })
    }

    /// When every byte was moved.
    fn verify_unopened(&self) -> Result<(), Error> {
        Err(Error::Rejected {
            reason: "the change was not noticed".to_owned(),
            findings: Vec::new(),
        })
    }
}

/// Small, large, and large enough to be read ahead.
const SIZES: [u64; 3] = [1000, 1 << 20, 20 << 20];

#[track_caller]
fn noticed(change: Change, size: u64, at: usize, destination: impl Fn(&Path) -> Option<Box<dyn Destination>>) {
    let root = TempDir::with_prefix("modelbuild-changing-").unwrap();
    let path = root.path().join("a.gguf");
    fs_err::File::create(&path).unwrap().set_len(size).unwrap();
    let before = contents(root.path());
    let source = Treacherous {
        stamp: Stamp::of(&fs_err::metadata(&path).unwrap()),
        blobs: vec![Blob {
            name: "a.gguf".to_owned(),
            size,
            digest: None,
        }],
        path: path.clone(),
        change,
        at,
        opened: 0.into(),
    };
    let mut destinations: Vec<_> = destination(root.path()).into_iter().collect();
    let options = Options {
        jobs: NonZeroUsize::MIN,
    };
    let error = transfer(&source, &mut destinations, options, &Silent, &Cancel::default()).unwrap_err();
    assert!(
        matches!(&error, Error::Changed { path: changed } if *changed == path),
        "{change:?} of {size} bytes: {error}"
    );
    let rest = |mut contents: BTreeMap<_, _>| {
        contents.remove("a.gguf");
        contents
    };
    assert_eq!(rest(before), rest(contents(root.path())), "{change:?} of {size} bytes");
}

#[test]
fn any_change_is_noticed() {
    let unsynced = Durability::Unsynced;
    for change in CHANGES {
        for size in SIZES {
            noticed(change, size, 0, |_| None);
            noticed(change, size, 0, |root| {
                Some(Box::new(Layout::new(root.join("out"), vec![], unsynced, Link::Never)))
            });
            noticed(change, size, 0, |root| {
                Some(Box::new(Layout::new(root.join("out"), vec![], unsynced, Link::Hard)))
            });
            noticed(change, size, 0, |root| {
                Some(Box::new(ArchiveFile::new(root.join("out.tar"), vec![], unsynced)))
            });
            for at in [0, 1] {
                noticed(change, size, at, |_| {
                    Some(Box::new(ArchiveStream::new(
                        "-".to_owned(),
                        vec![],
                        Box::new(std::io::sink()),
                    )))
                });
            }
        }
    }
}

/// Ends the writer even when the run panics.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_file_that_is_written_to_all_the_time_is_named() {
    let output = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL a.gguf\n")
        .file("m/a.gguf", "weights")
        .args(["build", "m", "-q", "-o", "out"])
        .run();
    let path = output.dir().join("m/a.gguf");
    fs_err::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(256 << 20)
        .unwrap();
    let before = contents(&output.dir().join("out"));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                Change::Rewrite.make(&path);
            }
        });
        let _done = Done(&done);
        output
            .then()
            .args(["build", "m", "-q", "-o", "out", "-o", "new.tar"])
            .status(1)
            .stdout("")
            .stderr(str![[r#"
error: `m/a.gguf` changed while it was read
  = help: nothing was published; build again when the file is at rest

"#]])
            .run();
    });
    assert_eq!(before, contents(&output.dir().join("out")));
    assert!(!output.dir().join("new.tar").exists());
    layout::check(&output.dir().join("out"));
}

/// Where a document began in a tarball says nothing of another tarball.
#[test]
fn a_tarball_that_changes_while_it_is_read() {
    for change in CHANGES {
        let output = Test::new()
            .file("Modelfile", "NAME m\nMODEL m.gguf\n")
            .file("m.gguf", "weights")
            .args(["build", "-q", "-o", "out.tar", "-t", "a/m:v1"])
            .run();
        let path = output.dir().join("out.tar");
        let reference = Reference {
            location: Location::Archive(path.clone()),
            choice: Choice::Only,
            variant: Vec::new(),
        };
        let store = StoredPlace::open(&reference, &Client::default()).unwrap();
        let Some(Ok(index)) = store.root(Root::Index) else {
            panic!("no index")
        };
        let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
        let entry: Descriptor = serde_json::from_value(index["manifests"][0].clone()).unwrap();
        assert!(store.document(&entry, true).unwrap().is_ok());
        change.make(&path);
        let flaw = store.document(&entry, true).unwrap().unwrap_err();
        match change {
            Change::Remove => assert!(matches!(flaw, Flaw::Unreadable(_)), "{flaw:?}"),
            _ => assert_eq!(flaw, Flaw::Changed, "{change:?}"),
        }
    }
}
