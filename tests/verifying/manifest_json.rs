//! `manifest.json` of a tarball, by which alone Docker Model Runner loads.

use serde_json::{Value, json};
use snapbox::data::Inline;
use snapbox::str;

use crate::harness::Output;
use crate::tiny::tiny;

/// What becomes of a file's bytes.
type Change = fn(Vec<u8>) -> Vec<u8>;

/// The tarball `out.tar`, once its `manifest.json` was changed.
fn with_manifest_json(change: impl Fn(Vec<u8>) -> Vec<u8>) -> Output {
    let output = tiny().args(["build", "-q", "-o", "out.tar", "-t", "a/tiny:v1"]).run();
    let path = output.dir().join("out.tar");
    let file = fs_err::File::open(&path).unwrap();
    let mut archive = tar::Archive::new(file);
    let mut builder = tar::Builder::new(Vec::new());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut header = entry.header().clone();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if entry.path_bytes().as_ref() == b"manifest.json" {
            bytes = change(bytes);
        }
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, bytes.as_slice()).unwrap();
    }
    fs_err::write(&path, builder.into_inner().unwrap()).unwrap();
    output
}

#[test]
fn the_manifest_for_docker_model_runner_is_the_artifact_s() {
    // What it names is there, and nobody else's.
    let output = with_manifest_json(|bytes| {
        let mut manifest: Value = serde_json::from_slice(&bytes).unwrap();
        manifest["config"] = manifest["layers"][0].take();
        manifest["layers"] = json!([]);
        manifest.to_string().into_bytes()
    });
    output
        .then()
        .args(["verify", "out.tar"])
        .stdout(str![[r#"
warning: manifest.json: is the manifest of no artifact that `index.json` names [archive-manifest]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 warning

"#]])
        .run();
    // What `docker save` writes there is no manifest, and nobody takes it for one.
    let output = with_manifest_json(saved(&[]));
    output.then().args(["verify", "--strict", "out.tar"]).run();
}

/// What `docker save` writes of the artifact's blobs, and of these paths.
fn saved(more: &'static [&str]) -> impl Fn(Vec<u8>) -> Vec<u8> {
    |bytes| {
        let manifest: Value = serde_json::from_slice(&bytes).unwrap();
        let path = |descriptor: &Value| {
            descriptor["digest"]
                .as_str()
                .unwrap()
                .replace("sha256:", "blobs/sha256/")
        };
        let layers = manifest["layers"].as_array().unwrap().iter().map(path);
        let layers: Vec<_> = layers.chain(more.iter().map(|path| (*path).to_owned())).collect();
        let images = json!([{"Config": path(&manifest["config"]), "RepoTags": null, "Layers": layers}]);
        images.to_string().into_bytes()
    }
}

#[test]
fn what_docker_load_reads_is_there() {
    let output = with_manifest_json(saved(&["../../etc/passwd"]));
    let verified = output.then().args(["verify", "out.tar"]).status(4);
    verified
        .stdout(str![[r#"
error: manifest.json: names `../../etc/passwd`, which is not here, in what `docker load` reads [archive-manifest-broken]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]])
        .run();
}

/// Docker Model Runner loads by this file alone.
#[test]
fn the_manifest_for_docker_model_runner_is_one() {
    let table: [(Change, Inline); 6] = [
        (
            |mut bytes| {
                bytes[0] = 0;
                bytes
            },
            str![[r#"
error: manifest.json: is no JSON: expected value at line 1 column 1 [document-invalid]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |bytes| vec![0; bytes.len()],
            str![[r#"
error: manifest.json: is no JSON: expected value at line 1 column 1 [document-invalid]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |bytes| String::from_utf8(bytes).unwrap().replace(':', ";").into_bytes(),
            str![[r#"
error: manifest.json: is no JSON: expected `:` at line 1 column 17 [document-invalid]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |_| Vec::new(),
            str![[r#"
error: manifest.json: is no JSON: EOF while parsing a value at line 1 column 0 [document-invalid]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |_| b"3".to_vec(),
            str![[r#"
error: manifest.json: is no JSON object [document-invalid]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |_| b"[{}]".to_vec(),
            str![[r#"
error: manifest.json: is no JSON object [document-invalid]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
    ];
    for (change, expected) in table {
        let output = with_manifest_json(change);
        output
            .then()
            .args(["verify", "out.tar"])
            .status(4)
            .stdout(expected)
            .run();
    }
}

/// That it is damaged, or names what is not there, is no matter of taste.
#[test]
fn what_the_manifest_for_docker_model_runner_names_is_there() {
    let table: [(Change, Inline); 6] = [
        (
            |_| br#"{"schemaVersion":2}"#.to_vec(),
            str![[r#"
error: manifest.json: its `config` is missing [archive-manifest-broken]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |bytes| replaced(bytes, r#""layers":"#, r#""lavers":"#),
            str![[r#"
error: manifest.json: its `layers` is missing [archive-manifest-broken]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |bytes| replaced(bytes, r#""digest":"sha256:"#, r#""digest":"sha257:"#),
            str![[r#"
error: manifest.json: `config` has a digest by `sha257` [archive-manifest-broken]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |bytes| replaced(bytes, r#""digest":"sha256:1b"#, r#""digest":"sha256:1c"#),
            str![[r#"
error: manifest.json: names the layer sha256:1c465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, which is not here [archive-manifest-broken]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |bytes| replaced(bytes, r#""size":"#, r#""size":1"#),
            str![[r#"
error: manifest.json: says that the config sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160 has 1319 bytes; it has 319 bytes [archive-manifest-broken]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
        (
            |bytes| replaced(bytes, "m.gguf", "n.gguf"),
            str![[r#"
error: manifest.json: is not the manifest of the artifact whose config it names [archive-manifest-broken]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 error

"#]],
        ),
    ];
    for (change, expected) in table {
        let output = with_manifest_json(change);
        output
            .then()
            .args(["verify", "out.tar"])
            .status(4)
            .stdout(expected)
            .run();
    }
}

fn replaced(bytes: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(old), "{text}");
    text.replacen(old, new, 1).into_bytes()
}

#[test]
fn one_flipped_bit_of_the_manifest_for_docker_model_runner_shows() {
    let output = tiny().args(["build", "-q", "-o", "out.tar", "-t", "a/tiny:v1"]).run();
    let path = output.dir().join("out.tar");
    let whole = fs_err::read(&path).unwrap();
    let name = whole.windows(14).position(|bytes| bytes == b"manifest.json\0").unwrap();
    let size = usize::from_str_radix(std::str::from_utf8(&whole[name + 124..name + 135]).unwrap(), 8).unwrap();
    let start = name + 512;
    for at in (start..start + size).step_by(29) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs_err::write(&path, damaged).unwrap();
        output.then().args(["verify", "-q", "out.tar"]).status(4).run();
    }
}
