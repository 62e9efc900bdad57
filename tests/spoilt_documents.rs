//! Documents and tarballs in which bytes were changed, taken out or put in: whatever is read of them, nothing panics,
//! what is read at all is of use, and what extract calls damaged, verify does not call sound. `fuzz/` does the same for longer.

use std::num::NonZeroUsize;
use std::path::Path;

use modelbuild::artifact::read;
use modelbuild::digest::Digest;
use modelbuild::model::verify::{self, Severity};
use modelbuild::model::{ModelArtifact, Overview};
use modelbuild::registry::{Cancel, Client};
use modelbuild::store::stored::{Found, OpenError, find, list};
use modelbuild::store::{
    Choice, Durability, Error, Fault, Location, Options, Reference, Silent, Tree, TreeError, TreeOptions, transfer,
};
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use crate::harness::Output;
use crate::tiny::tiny;

/// A change to bytes: where, how many go, and what comes in their place.
type Edit = (Index, usize, Vec<u8>);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    // What JSON and tars are made of comes more often than chance would have it.
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        prop::sample::select(vec![
            &b"null"[..],
            b"[]",
            b"{}",
            b"-1",
            b"1e99",
            b"\"",
            b"\\u0000",
            b"18446744073709551615",
            b"\0",
            b"sha256:",
            b"\x80",
        ])
        .prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec((any::<Index>(), 0..40_usize, piece), 1..4)
}

fn edited(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, length, piece) in edits {
        let start = place.index(bytes.len() + 1);
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, piece.iter().copied());
    }
    bytes
}

fn built(spec: &str) -> Output {
    tiny()
        .args(["build", "-q", "--spec", spec, "-o", "out", "-o", "out.tar"])
        .run()
}

fn client() -> Client {
    Client::default()
}

fn open(location: Location) {
    let reference = Reference {
        location,
        choice: Choice::Only,
        variant: Vec::new(),
    };
    let is_damaged = match find(&reference, &client()) {
        Ok(found) => {
            let _ = found.model();
            is_refused(&found)
        }
        Err(error) => matches!(error, OpenError::Damaged { .. }),
    };
    let how = verify::Options {
        jobs: NonZeroUsize::MIN,
    };
    // Of what is no place at all, it says nothing.
    if let Ok(report) = verify::verify(&reference, &client(), how, &Silent, &Cancel::default()) {
        assert!(
            !(is_damaged && report.is_sound(Severity::Warning)),
            "called sound: {report:#?}"
        );
    }
    let _ = list(&reference, &client(), |found| {
        found.model().map(|model| Some(model.clone()))
    });
}

/// Whether extract says that what was found is damaged, and not only that nothing tells how to extract it.
fn is_refused(found: &Found) -> bool {
    let directory = TempDir::with_prefix("modelbuild-spoilt-").unwrap();
    let options = TreeOptions {
        durability: Durability::Unsynced,
        ..TreeOptions::default()
    };
    let jobs = Options {
        jobs: NonZeroUsize::MIN,
    };
    let extracted = Tree::new(directory.path().join("x"), found, options)
        .and_then(|tree| transfer(found, &mut [Box::new(tree)], jobs, &Silent, &Cancel::default()));
    match extracted {
        Ok(_)
        | Err(Error::Tree(TreeError::Layer {
            fault: Fault::NoPath | Fault::Encoding(_),
            ..
        })) => false,
        Err(Error::Tree(error)) => error.is_damage(),
        Err(error) => matches!(error, Error::Mismatch { .. } | Error::Missing { .. }),
    }
}

/// Manifest and config of the layout `out`.
fn documents(dir: &Path) -> (Vec<u8>, Vec<u8>) {
    let reference = Reference {
        location: Location::Layout(dir.join("out")),
        choice: Choice::Only,
        variant: Vec::new(),
    };
    let found = find(&reference, &client()).unwrap();
    let artifact = found.artifact();
    (artifact.manifest.clone(), artifact.config().unwrap().bytes.clone())
}

#[test]
fn manifests_and_configs() {
    for spec in ["modelpack", "docker"] {
        let built = built(spec);
        let (manifest, config) = documents(&built.dir());
        proptest!(ProptestConfig::with_cases(2000), |(one in edits(), other in edits(), which in 0..3_u8)| {
            let manifest = if which == 1 { manifest.clone() } else { edited(&manifest, &one) };
            let config = if which == 0 { config.clone() } else { edited(&config, &other) };
            if let Ok(stored) = read::read(&manifest, &config) {
                prop_assert_eq!(Overview::new(&stored).layers.len(), stored.layers.len());
                prop_assert!(read::model_config(&read::outline(&manifest).unwrap(), &config).is_ok());
            }
            if let Ok(model) = ModelArtifact::new(manifest.clone(), config.clone()) {
                prop_assert_eq!(model.raw_manifest(), &manifest[..]);
                prop_assert_eq!(model.manifest().config.digest, Digest::of(&config));
            }
        });
    }
}

#[test]
fn indexes() {
    let built = built("modelpack");
    let out = built.dir().join("out");
    let index = fs_err::read(out.join("index.json")).unwrap();
    proptest!(ProptestConfig::with_cases(500), |(edits in edits())| {
        fs_err::write(out.join("index.json"), edited(&index, &edits)).unwrap();
        open(Location::Layout(out.clone()));
    });
}

#[test]
fn tarballs() {
    let built = built("modelpack");
    let path = built.dir().join("out.tar");
    let tar = fs_err::read(&path).unwrap();
    proptest!(ProptestConfig::with_cases(500), |(edits in edits())| {
        fs_err::write(&path, edited(&tar, &edits)).unwrap();
        open(Location::Archive(path.clone()));
    });
}
