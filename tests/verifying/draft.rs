//! Docker's published draft, whose config lists files.

use serde_json::{Value, json};
use snapbox::str;

use super::{crafted, manifest, put};
use crate::harness::Test;

const CONFIG: &str = "application/vnd.docker.ai.model.config.v0.1+json";

/// A model of two layers, whose `files` are what `change` makes of the right ones.
fn draft(change: fn(&mut Vec<Value>)) -> Test {
    crafted(|out| {
        let layers = [
            put(out, "application/vnd.docker.ai.gguf.v3", b"GGUF"),
            put(out, "application/vnd.docker.ai.license", b"free"),
        ];
        let file = |layer: &Value| json!({"diffID": layer["digest"], "type": layer["mediaType"]});
        let mut files: Vec<_> = layers.iter().map(file).collect();
        change(&mut files);
        let config = json!({"config": {"format": "gguf", "size": "4"}, "files": files});
        let mut manifest = manifest(out, CONFIG, &config, &layers);
        manifest.as_object_mut().unwrap().remove("artifactType");
        manifest
    })
}

#[test]
fn a_right_one_is_old_and_nothing_else() {
    draft(|_| {}).stdout(str![[r#"
note: manifest sha256:d1ce7f40905eb11355c563dd1102be4f0c5f046b4bfdb1cbed06777cbe6a2a8b: has the names of an earlier draft (`docker-draft`) [old-names]
out: 1 artifact, 4 blobs, 852 B: 1 note

"#]]).run();
}

#[test]
fn a_layer_has_the_type_that_the_config_says() {
    draft(|files| files[0]["type"] = json!("application/vnd.docker.ai.gguf.v3.lora"))
        .status(4)
        .stdout(str![[r#"
error: layer sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd: has the media type `application/vnd.docker.ai.gguf.v3`, and by the config `application/vnd.docker.ai.gguf.v3.lora` [media-type-differs]
note: manifest sha256:50c8af1b1c38ac6b2b73d02a8d59c21a5c8073bb8410147001fdefe2f367195e: has the names of an earlier draft (`docker-draft`) [old-names]
out: 1 artifact, 4 blobs, 857 B: 1 error, 1 note

"#]])
        .run();
}

#[test]
fn there_is_a_file_for_each_layer() {
    draft(|files| drop(files.pop())).status(4).stdout(str![[r#"
error: config sha256:6c2edfda47d8d0e5f23e64cf5d665363e1d45477f1023abb6e7fcbeaeb466256: lists 1 diff ID, not one for each layer, which would be 2 [diff-id-count]
note: manifest sha256:f7313ad8db65fe7586f4b9c2e962d031b0f17f826c128436ac08bf593dffb5d6: has the names of an earlier draft (`docker-draft`) [old-names]
out: 1 artifact, 4 blobs, 724 B: 1 error, 1 note

"#]]).run();
}
