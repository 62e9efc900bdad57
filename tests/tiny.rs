//! A small model, and what is looked at in the layouts that it is built to.

use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::{Assert, IntoData};

use crate::harness::Test;

/// Three files of three kinds, with their Modelfile, in the working directory.
pub fn tiny() -> Test {
    Test::new()
        .file(
            "Modelfile",
            "NAME tiny\nFORMAT gguf\nMODEL m.gguf\nCONFIG config.json\nDOC README.md\n",
        )
        .file("m.gguf", "weights\n")
        .file("config.json", "{}\n")
        .file("README.md", "# tiny\n")
}

pub fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs_err::read(path.as_ref()).unwrap()).unwrap()
}

/// Where a layout keeps the blob that `descriptor` describes.
pub fn blob(layout: &Path, descriptor: &Value) -> PathBuf {
    let digest = descriptor["digest"].as_str().unwrap();
    layout.join("blobs").join(digest.replace(':', "/"))
}

/// The manifest that a layout has under its first name.
pub fn manifest(layout: &Path) -> Value {
    json(blob(layout, &json(layout.join("index.json"))["manifests"][0]))
}

/// The paths of the files in a `ModelPack` layout, in layer order.
pub fn paths(layout: &Path) -> Vec<String> {
    let manifest = manifest(layout);
    let path = |layer: &Value| {
        layer["annotations"]["org.cncf.model.filepath"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    manifest["layers"].as_array().unwrap().iter().map(path).collect()
}

/// Compares text that may hold backslashes, which snapbox takes for those of a path.
#[track_caller]
pub fn assert_same_text(actual: String, expected: impl IntoData) {
    Assert::new()
        .action_env("SNAPSHOTS")
        .normalize_paths(false)
        .eq(actual, expected);
}
