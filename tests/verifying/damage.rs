//! Bytes that are not what they were.

use std::path::Path;

use serde_json::json;
use snapbox::data::Inline;
use snapbox::str;

use super::{CONFIG, INDEX, MANIFEST, built, layer, layout, manifest, put, verify};
use crate::harness::Test;
use crate::tiny::{blob, json, tiny};

/// Where `out` keeps a layer's blob.
fn layer_blob(out: &Path, index: usize) -> std::path::PathBuf {
    blob(out, &crate::tiny::manifest(out)["layers"][index])
}

fn entry(out: &Path) -> serde_json::Value {
    json(out.join("index.json"))["manifests"][0].clone()
}

fn flip(path: &Path) {
    let mut bytes = fs_err::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs_err::write(path, bytes).unwrap();
}

type Harm = fn(&Path);

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn every_kind_of_damage_is_found() {
    let table: [(Harm, Inline); 17] = [
        (
            |out| flip(&layer_blob(out, 0)),
            str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:abfc19c6827e60baae76add320617fbbb103e201fe354d080a0de335c965c492 [blob-digest]
out: 1 artifact, 5 blobs, 2.01 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| {
                let path = layer_blob(out, 0);
                fs_err::write(&path, &fs_err::read(&path).unwrap()[1..]).unwrap();
            },
            str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 7 bytes, not 8 [blob-size]
out: 1 artifact, 5 blobs, 2.01 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| {
                let path = layer_blob(out, 0);
                fs_err::write(&path, [&fs_err::read(&path).unwrap()[..], b"!"].concat()).unwrap();
            },
            str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 9 bytes, not 8 [blob-size]
out: 1 artifact, 5 blobs, 2.01 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::write(layer_blob(out, 0), "").unwrap(),
            str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 0 bytes, not 8 [blob-size]
out: 1 artifact, 5 blobs, 2.00 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::remove_file(layer_blob(out, 1)).unwrap(),
            str![[r#"
error: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost [layer-missing]
out: 1 artifact, 4 blobs, 2.01 kB: 1 error
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| {
                let (one, other) = (layer_blob(out, 0), layer_blob(out, 1));
                fs_err::rename(&one, out.join("x")).unwrap();
                fs_err::rename(&other, &one).unwrap();
                fs_err::rename(out.join("x"), &other).unwrap();
            },
            str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 3 bytes, not 8 [blob-size]
damage: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: has 8 bytes, not 3 [blob-size]
out: 1 artifact, 5 blobs, 2.01 kB: 2 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| {
                fs_err::remove_file(layer_blob(out, 0)).unwrap();
                fs_err::create_dir(layer_blob(out, 0)).unwrap();
            },
            str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: is not a file [blob-unreadable]
out: 1 artifact, 4 blobs, 2.00 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| flip(&blob(out, &crate::tiny::manifest(out)["config"])),
            str![[r#"
damage: config sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160: has the digest sha256:868680f6e2e49835bd3a426513936b2652107bcfa54469f3afe133b2b9681fde [blob-digest]
out: 1 artifact, 4 blobs, 1.69 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::remove_file(blob(out, &crate::tiny::manifest(out)["config"])).unwrap(),
            str![[r#"
damage: config sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160: is missing [blob-missing]
out: 1 artifact, 4 blobs, 1.69 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| flip(&blob(out, &entry(out))),
            str![[r#"
damage: manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6: has the digest sha256:7446c1913f80cfbae8bb9a4802973e990f30c01ef082ae2b18043ed5e1fc7fe7; what it lists was not checked [blob-digest]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160: has 319 bytes, and nothing that can be read refers to it [orphan]
note: sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: has 3 bytes, and nothing that can be read refers to it [orphan]
note: sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: has 7 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 4 blobs, 337 B: 1 damaged, 4 notes
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::remove_file(blob(out, &entry(out))).unwrap(),
            str![[r#"
damage: manifest sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6: is missing; what it lists was not checked [blob-missing]
note: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and nothing that can be read refers to it [orphan]
note: sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160: has 319 bytes, and nothing that can be read refers to it [orphan]
note: sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: has 3 bytes, and nothing that can be read refers to it [orphan]
note: sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: has 7 bytes, and nothing that can be read refers to it [orphan]
out: 0 artifacts, 4 blobs, 337 B: 1 damaged, 4 notes
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::remove_file(out.join("index.json")).unwrap(),
            str![[r#"
damage: index.json: is missing [layout-index]
out: 0 artifacts, 0 blobs, 0 B: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::write(out.join("index.json"), "{").unwrap(),
            str![[r#"
damage: index.json: is no JSON: EOF while parsing an object at line 1 column 1 [layout-index]
out: 0 artifacts, 0 blobs, 0 B: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::write(out.join("index.json"), r#"{"schemaVersion":1}"#).unwrap(),
            str![[r#"
damage: index.json: is no image index: an object with `schemaVersion` 2 and an array `manifests` [layout-index]
out: 0 artifacts, 0 blobs, 0 B: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::remove_file(out.join("oci-layout")).unwrap(),
            str![[r#"
damage: oci-layout: is missing [layout-marker]
out: 1 artifact, 5 blobs, 2.01 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            |out| fs_err::write(out.join("oci-layout"), r#"{"imageLayoutVersion":"2.0.0"}"#).unwrap(),
            str![[r#"
damage: oci-layout: has the version `2.0.0`, not `1.0.0` [layout-version]
out: 1 artifact, 5 blobs, 2.01 kB: 1 damaged

"#]],
        ),
        (
            |out| {
                let digest = format!("sha256:{}", "0".repeat(64));
                let entries = [
                    entry(out),
                    json!({"mediaType": MANIFEST, "digest": "sha256:0", "size": 1}),
                    json!({"mediaType": MANIFEST, "digest": format!("sha512:{}", "0".repeat(128)), "size": 1}),
                    json!({"digest": digest, "size": -1}),
                    json!("no"),
                ];
                layout(out, &entries);
            },
            str![[r#"
error: index.json: `manifests[1]` has no `digest` that is one [descriptor-invalid]
error: index.json: `manifests[2]` has a digest by `sha512` [digest-algorithm]
error: index.json: `manifests[3]` has no `mediaType` [descriptor-invalid]
error: index.json: `manifests[3]` has no `size` that is a number of bytes [descriptor-invalid]
error: index.json: `manifests[4]` has no `mediaType` [descriptor-invalid]
error: index.json: `manifests[4]` has no `size` that is a number of bytes [descriptor-invalid]
error: index.json: `manifests[4]` has no `digest` that is one [descriptor-invalid]
out: 1 artifact, 5 blobs, 2.01 kB: 7 errors

"#]],
        ),
    ];
    for (harm, expected) in table {
        let output = built();
        harm(&output.dir().join("out"));
        verify(&output).status(4).stdout(expected).stderr("").run();
    }
}

#[test]
fn one_damaged_blob_does_not_hide_another() {
    let output = built();
    let out = output.dir().join("out");
    flip(&layer_blob(&out, 0));
    fs_err::remove_file(layer_blob(&out, 1)).unwrap();
    fs_err::write(layer_blob(&out, 2), "longer than it was").unwrap();
    verify(&output).status(4).stdout(str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:abfc19c6827e60baae76add320617fbbb103e201fe354d080a0de335c965c492 [blob-digest]
damage: README.md sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88: has 18 bytes, not 7 [blob-size]
error: config.json sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356: is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost [layer-missing]
out: 1 artifact, 4 blobs, 2.02 kB: 2 damaged, 1 error
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]]).run();
}

/// A build takes a blob as it is that lies there, so that one which nothing refers to must be whole, too.
#[test]
fn what_belongs_to_nothing_is_read_all_the_same() {
    let output = built();
    let out = output.dir().join("out");
    put(&out, "", b"an orphan");
    let path = out.join("blobs/sha256").join("0".repeat(64));
    fs_err::write(path, "another").unwrap();
    fs_err::write(out.join("blobs/sha256/.partial-abc"), "half").unwrap();
    fs_err::write(out.join("blobs/sha256/.modelbuild-abc"), "half").unwrap();
    fs_err::write(out.join("blobs/sha256/README"), "hello").unwrap();
    fs_err::write(out.join("blobs/notes"), "hello").unwrap();
    fs_err::create_dir(out.join("blobs/sha512")).unwrap();
    fs_err::write(out.join("blobs/sha512/mine"), "hello").unwrap();
    fs_err::write(out.join("mine.txt"), "hello").unwrap();
    verify(&output).status(4).stdout(str![[r#"
damage: sha256:0000000000000000000000000000000000000000000000000000000000000000: has the digest sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5 [blob-digest]
note: sha256:0000000000000000000000000000000000000000000000000000000000000000: has 7 bytes, and nothing refers to it [orphan]
note: sha256:968760f5f1a7fbc5847bb6642a4128d5660c8c2137ba6f1da8a851a409205db3: has 9 bytes, and nothing refers to it [orphan]
note: blobs/notes: is no blob [foreign-file]
note: blobs/sha256/.modelbuild-abc: is not complete [unfinished]
note: blobs/sha256/.partial-abc: is not complete [unfinished]
note: blobs/sha256/README: is no blob [foreign-file]
note: blobs/sha512/mine: is no blob [foreign-file]
out: 1 artifact, 7 blobs, 2.02 kB: 1 damaged, 7 notes
  = help: `modelbuild prune out` removes what nothing refers to

"#]]).run();
}

/// As `lost+found` is, where a file system is mounted.
#[test]
fn a_closed_directory_beside_the_blobs_is_a_note() {
    let output = built();
    let closed = output.dir().join("out/blobs/lost+found");
    fs_err::create_dir(&closed).unwrap();
    fs_err::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let verify = verify(&output);
    let verify = if rustix::process::geteuid().is_root() {
        verify.by_nobody()
    } else {
        verify
    };
    verify
        .stdout(str![[r#"
note: blobs/lost+found: is no blob [foreign-file]
out: 1 artifact, 5 blobs, 2.01 kB: 1 note

"#]])
        .run();
    fs_err::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
}

#[test]
fn what_stands_beside_is_a_note() {
    let output = built();
    put(&output.dir().join("out"), "", b"an orphan");
    let output = verify(&output).stdout(str![[r#"
note: sha256:968760f5f1a7fbc5847bb6642a4128d5660c8c2137ba6f1da8a851a409205db3: has 9 bytes, and nothing refers to it [orphan]
out: 1 artifact, 6 blobs, 2.02 kB: 1 note

"#]]).run();
    let output = output.then().args(["verify", "-q", "out"]).stdout("").stderr("").run();
    output.then().args(["verify", "--strict", "-q", "out"]).stdout("").run();
}

#[test]
fn an_index_within_an_index_is_followed_to_its_leaves() {
    let test = Test::new();
    let out = test.dir().join("out");
    let weights = layer(&out, "weight.v1.raw", "m.gguf", b"weights\n");
    let lost = layer(&out, "doc.v1.raw", "README.md", b"lost\n");
    fs_err::remove_file(blob(&out, &lost)).unwrap();
    let layers = [weights, lost];
    let manifest = manifest(&out, CONFIG, &super::config(&layers), &layers);
    let mut entry = put(&out, MANIFEST, manifest.to_string().as_bytes());
    for depth in 0..7 {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry], "annotations": {"depth": depth.to_string()}});
        entry = put(&out, INDEX, index.to_string().as_bytes());
        if depth == 2 {
            layout(&out, std::slice::from_ref(&entry));
            let output = test
                .args(["verify", "out"])
                .status(4)
                .stdout(str![[r#"
error: README.md sha256:ed1d1a8db09e369fa33bde54f504d1fda0161a5ccd8a0d5517d92456fec28c41: is not here: left out by `--include`, `--exclude` or `--no-weights`, or lost [layer-missing]
out: 1 artifact, 6 blobs, 2.19 kB: 1 error
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]])
                .run();
            layout(&out, &[entry]);
            return drop(output.then().args(["verify", "out"]).status(4).run());
        }
    }
}

/// Two artifacts share it: for people it is one thing, for machines each has its own.
#[test]
fn what_several_artifacts_share_is_said_once() {
    let output = tiny().args(["-q", "-o", "out", "-t", "tiny:v1"]).run();
    let output = output
        .then()
        .args(["-q", "-o", "out", "-t", "tiny:v2", "--annotation", "a=b"])
        .run();
    flip(&layer_blob(&output.dir().join("out"), 0));
    let args = ["verify", "out"];
    output.then().args(args).status(4).stdout(str![[r#"
damage: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the digest sha256:abfc19c6827e60baae76add320617fbbb103e201fe354d080a0de335c965c492 [blob-digest]
out: 2 artifacts, 7 blobs, 4.02 kB: 1 damaged
  = help: `modelbuild verify out --repair SOURCE` fetches what is damaged or missing from another layout, tarball or registry that has it whole

"#]]).run();
    let json = output.then().args(args).args(["--format", "json"]).status(4).run();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["places"][0]["counts"]["damage"], 2);
}
