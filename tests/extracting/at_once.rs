//! What is read at the same time: a layer is opened only when another one is asked for, too.

use std::num::NonZeroUsize;

use modelbuild::artifact::Artifact;
use modelbuild::digest::Digest;
use modelbuild::registry::Client;
use modelbuild::store::stored::{Found, find};
use modelbuild::store::{
    Blob, Bytes, Cancel, Choice, Durability, Error, Location, Options, Reference, Silent, Source, Tree, TreeOptions,
    transfer,
};
use tar::EntryType::Regular;

use super::{Layer, artifact, packed, raw, tar};
use crate::harness::Test;
use crate::layout::contents;
use crate::servers::proxy::meeting::Meeting;

/// What lies in a layout, of which nothing is read before two layers are to be.
struct Together {
    found: Found,
    two: Meeting,
}

impl Source for Together {
    fn blobs(&self) -> &[Blob] {
        self.found.blobs()
    }

    fn open(&self, index: usize, stop: &Cancel) -> Result<Bytes, Error> {
        assert!(self.two.join(), "nobody else reads");
        self.found.open(index, stop)
    }

    fn assemble(&self, digests: &[Digest]) -> Result<Artifact, Error> {
        self.found.assemble(digests)
    }
}

/// Extracts an artifact of these layers, and gives how many files that were.
fn extracted(layers: &[Layer<'_>]) -> usize {
    let test = Test::new();
    artifact(&test, "l", layers);
    let client = Client::default();
    let reference = Reference {
        location: Location::Layout(test.dir().join("l")),
        choice: Choice::Only,
        variant: Vec::new(),
    };
    let together = Together {
        found: find(&reference, &client).unwrap(),
        two: Meeting::of(2),
    };
    let options = TreeOptions {
        durability: Durability::Unsynced,
        ..TreeOptions::default()
    };
    let tree = Tree::new(test.dir().join("out"), &together.found, options).unwrap();
    let two = Options {
        jobs: NonZeroUsize::MIN.saturating_add(1),
    };
    transfer(&together, &mut [Box::new(tree)], two, &Silent, &Cancel::default()).unwrap();
    contents(&test.dir().join("out")).len()
}

#[test]
fn two_large_layers() {
    let content = |byte| vec![byte; 1 << 20];
    assert_eq!(extracted(&[raw("a", content(1)), raw("b", content(2))]), 2);
    let tars = [("a", 1), ("b", 2)].map(|(path, byte)| packed(tar(&[(Regular, path, &content(byte))])));
    assert_eq!(extracted(&tars), 2);
}

#[test]
fn two_of_many_small_ones() {
    let names: Vec<_> = (0..200).map(|number| number.to_string()).collect();
    let layers: Vec<_> = names.iter().map(|name| raw(name, name)).collect();
    assert_eq!(extracted(&layers), 200);
}
