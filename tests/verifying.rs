//! `verify`: what is wrong is said, all of it, and what is right is not.

mod ambiguous;
mod archives;
mod damage;
mod descriptors;
mod differential;
mod documents;
mod draft;
mod layers;
mod manifest_json;
mod model_pack;
pub mod no_models;
mod packed;
mod places;
mod progress;
mod repair;
mod roots;
mod rules;
mod sizes;
mod stand_ins;
mod tars;
mod tools;
mod unknown;

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Output, Test, sha256};
use crate::tiny::tiny;

/// The layout `out` with one artifact, `v1`.
pub fn built() -> Output {
    tiny()
        .args(["build", "-q", "-o", "out", "-t", "a/tiny:v1", "--no-sync"])
        .run()
}

/// A run of `verify` on `out`.
pub fn verify(output: &Output) -> Test {
    output.then().args(["verify", "out"])
}

/// Writes a blob into the layout `out`, and gives its descriptor.
pub fn put(out: &Path, media_type: &str, bytes: &[u8]) -> Value {
    let digest = sha256(bytes);
    let blobs = out.join("blobs/sha256");
    fs_err::create_dir_all(&blobs).unwrap();
    fs_err::write(blobs.join(&digest[7..]), bytes).unwrap();
    json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
}

/// A layer, as `ModelPack` has it, with the file at `path`.
pub fn layer(out: &Path, kind: &str, path: &str, bytes: &[u8]) -> Value {
    let mut layer = put(out, &format!("application/vnd.cncf.model.{kind}"), bytes);
    let metadata = json!({
        "name": path.rsplit('/').next().unwrap(), "mode": 0o644, "uid": 0, "gid": 0, "size": bytes.len(),
        "mtime": "1970-01-01T00:00:00Z", "typeflag": 0,
    });
    layer["annotations"] = json!({
        "org.cncf.model.filepath": path,
        "org.cncf.model.file.metadata+json": metadata.to_string(),
        "org.opencontainers.image.title": path,
    });
    layer
}

/// A `ModelPack` config for layers of these descriptors.
pub fn config(layers: &[Value]) -> Value {
    let diff_ids: Vec<_> = layers.iter().map(|layer| layer["digest"].clone()).collect();
    json!({
        "descriptor": {"createdAt": "2025-01-01T00:00:00Z", "name": "tiny"},
        "modelfs": {"type": "layers", "diffIds": diff_ids},
        "config": {"format": "gguf"},
    })
}

pub const CONFIG: &str = "application/vnd.cncf.model.config.v1+json";
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A manifest of a `ModelPack`.
pub fn manifest(out: &Path, config_type: &str, config: &Value, layers: &[Value]) -> Value {
    let config = put(out, config_type, config.to_string().as_bytes());
    json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "artifactType": "application/vnd.cncf.model.manifest.v1+json",
        "config": config, "layers": layers,
    })
}

/// Makes `out` a layout with these entries in its index.
pub fn layout(out: &Path, entries: &[Value]) {
    fs_err::create_dir_all(out.join("blobs/sha256")).unwrap();
    fs_err::write(out.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
    fs_err::write(out.join("index.json"), index.to_string()).unwrap();
}

/// A layout `out` with the artifact that `make` gives, once it was changed.
pub fn crafted(make: impl FnOnce(&Path) -> Value) -> Test {
    let test = Test::new();
    let out = test.dir().join("out");
    let manifest = make(&out);
    let entry = put(&out, MANIFEST, manifest.to_string().as_bytes());
    layout(&out, &[entry]);
    test.args(["verify", "out"])
}

/// One file of weights, in a `ModelPack` of which `change` makes something else before it is written: config and layers.
pub fn changed(change: impl FnOnce(&mut Value, &mut Vec<Value>)) -> Test {
    crafted(|out| {
        let mut layers = vec![layer(out, "weight.v1.raw", "m.gguf", b"weights\n")];
        let mut config = config(&layers);
        change(&mut config, &mut layers);
        manifest(out, CONFIG, &config, &layers)
    })
}
