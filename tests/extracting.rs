//! Extracted: the files of an artifact at their places, the right ones or none, whatever the artifact says.

mod at_once;
mod beside;
mod bundle;
mod chosen;
mod fresh;
mod hostile;
mod killed;
mod links;
mod packed;
mod present;
mod remote;
mod replaced;
mod roundtrip;
mod stopped;
mod variants;
mod whole;

use serde_json::{Value, json};

use crate::foreign::annotated;
use crate::harness::Test;

/// Media types of layers, without what stands for their encoding.
pub const WEIGHT: &str = "application/vnd.cncf.model.weight.v1";

pub const CONFIG: &str = "application/vnd.cncf.model.config.v1+json";

/// A layer: media type, path (empty for none), bytes.
pub type Layer<'a> = (&'a str, &'a str, Vec<u8>);

/// Writes a layout with an artifact of `ModelPack`, whatever its layers are.
pub fn artifact(test: &Test, dir: &str, layers: &[Layer<'_>]) {
    let annotations = |path: &str| match path {
        "" => json!({}),
        path => json!({ "org.cncf.model.filepath": path }),
    };
    let layers: Vec<_> = layers
        .iter()
        .map(|(media_type, path, bytes)| (*media_type, annotations(path), bytes.clone()))
        .collect();
    described(test, dir, &layers);
}

/// The same, with the annotations of each layer.
pub fn described(test: &Test, dir: &str, layers: &[(&str, Value, Vec<u8>)]) {
    let config = |_: &[String]| json!({"descriptor": {"name": "x"}, "config": {}, "modelfs": {}}).to_string();
    annotated(test, dir, CONFIG, config, layers);
}

/// A raw layer.
pub fn raw(path: &str, bytes: impl AsRef<[u8]>) -> Layer<'_> {
    (
        "application/vnd.cncf.model.weight.v1.raw",
        path,
        bytes.as_ref().to_owned(),
    )
}

/// A layer that is a tar.
pub fn packed(bytes: Vec<u8>) -> Layer<'static> {
    ("application/vnd.cncf.model.dataset.v1.tar", "packed", bytes)
}

/// A tar of entries: type, name as it is, bytes.
pub fn tar(entries: &[(tar::EntryType, &str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (kind, name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_entry_type(*kind);
        header.set_mode(0o4755);
        header.set_mtime(1_000_000_000);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}
