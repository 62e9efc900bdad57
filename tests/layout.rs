//! A judge of layouts that shares no code with the library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::harness::sha256;

/// What is in a layout that is valid.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// The digests of the manifests in `index.json`, in order, with their tags.
    pub manifests: Vec<(String, Option<String>)>,
    /// All digests in `blobs/sha256`.
    pub blobs: BTreeSet<String>,
}

impl Layout {
    /// The digest that has a tag.
    pub fn tagged(&self, tag: &str) -> Option<&str> {
        let found = |(_, name): &&(String, Option<String>)| name.as_deref() == Some(tag);
        self.manifests.iter().find(found).map(|(digest, _)| digest.as_str())
    }
}

/// Checks that `directory` is a layout: nothing is missing or damaged, whether anything refers to it or not.
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn check(directory: &Path) -> Layout {
    let marker: Value = parse(&directory.join("oci-layout"));
    assert_eq!(marker["imageLayoutVersion"], "1.0.0");
    let mut blobs = BTreeMap::new();
    for entry in WalkDir::new(directory).min_depth(1) {
        let entry = entry.unwrap();
        let path = entry
            .path()
            .strip_prefix(directory)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        match (path.strip_prefix("blobs/sha256/"), path.as_str()) {
            (Some(hex), _) => {
                assert!(entry.file_type().is_file(), "{path}");
                let bytes = fs_err::read(entry.path()).unwrap();
                assert_eq!(sha256(&bytes), format!("sha256:{hex}"), "a damaged blob");
                blobs.insert(format!("sha256:{hex}"), bytes);
            }
            (None, "blobs" | "blobs/sha256" | "index.json" | "oci-layout" | "manifest.json") => {}
            (None, _) => panic!("`{path}` does not belong into a layout"),
        }
    }
    let index: Value = parse(&directory.join("index.json"));
    assert_eq!(index["schemaVersion"], 2);
    let mut manifests = Vec::new();
    for entry in index["manifests"].as_array().unwrap() {
        let manifest: Value = serde_json::from_slice(blob(entry, &blobs)).unwrap();
        blob(&manifest["config"], &blobs);
        for layer in manifest["layers"].as_array().unwrap() {
            blob(layer, &blobs);
        }
        let tag = entry["annotations"]["org.opencontainers.image.ref.name"].as_str();
        manifests.push((entry["digest"].as_str().unwrap().to_owned(), tag.map(str::to_owned)));
    }
    Layout {
        manifests,
        blobs: blobs.into_keys().collect(),
    }
}

/// As [`check`], for a layout tar.
#[track_caller]
pub fn check_tar(path: &Path) -> Layout {
    let directory = TempDir::with_prefix("modelbuild-untar-").unwrap();
    let file = fs_err::File::open(path).unwrap();
    tar::Archive::new(file).unpack(directory.path()).unwrap();
    check(directory.path())
}

#[track_caller]
fn blob<'a>(descriptor: &Value, blobs: &'a BTreeMap<String, Vec<u8>>) -> &'a [u8] {
    let digest = descriptor["digest"].as_str().unwrap();
    let bytes = blobs.get(digest).unwrap_or_else(|| panic!("{digest} is missing"));
    assert_eq!(descriptor["size"], bytes.len(), "{digest}");
    bytes
}

#[track_caller]
fn parse(path: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap()
}

/// The content of every file below `directory`, without times: what must be as it was after a failure.
pub fn contents(directory: &Path) -> BTreeMap<String, String> {
    let mut contents = BTreeMap::new();
    for entry in WalkDir::new(directory).min_depth(1) {
        let entry = entry.unwrap();
        let content = if entry.file_type().is_file() {
            sha256(&fs_err::read(entry.path()).unwrap())
        } else {
            format!("{:?}", entry.file_type())
        };
        let path = entry.path().strip_prefix(directory).unwrap().display().to_string();
        contents.insert(path, content);
    }
    contents
}
