//! `manifest.json` of a tarball, by which alone Docker Model Runner loads.

use snapbox::data::Inline;
use snapbox::str;

use crate::harness::Output;
use crate::tiny::tiny;

/// What becomes of a file's bytes.
type Change = fn(Vec<u8>) -> Vec<u8>;

/// The tarball `out.tar`, once its `manifest.json` was changed.
fn with_manifest_json(change: Change) -> Output {
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
    let output = with_manifest_json(|_| br#"{"schemaVersion":2}"#.to_vec());
    output
        .then()
        .args(["verify", "out.tar"])
        .stdout(str![[r#"
warning: manifest.json: is the manifest of no artifact that `index.json` names [archive-manifest]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 1 warning

"#]])
        .run();
    // What `docker save` writes there is no manifest, and nobody takes it for one.
    let output = with_manifest_json(|_| br#"[{"Config":"c","RepoTags":null,"Layers":[]}]"#.to_vec());
    output.then().args(["verify", "--strict", "out.tar"]).run();
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
