//! What descriptors say: paths in every spelling, media types, bytes that they bring along.

use serde_json::{Value, json};
use snapbox::data::Inline;
use snapbox::{assert_data_eq, str};

use super::layers::{gzip, tar};
use super::{INDEX, MANIFEST, changed, config, crafted, layer, layout, manifest, put};
use crate::foreign;
use crate::harness::{Test, sha256};
use crate::oracle::oracle;

#[test]
fn every_path_is_judged_whoever_reads_it() {
    let table: [(Value, Inline); 4] = [
        (
            json!({"org.opencontainers.image.title": "../m.gguf"}),
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the path `../m.gguf` by `org.opencontainers.image.title`, which leads out of its directory by `..` [path-invalid]
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the path `m.gguf` and the title `../m.gguf` [path-annotation]
out: 1 artifact, 3 blobs, 922 B: 1 error, 1 warning

"#]],
        ),
        (
            json!({"org.cnai.model.filepath": "/etc/passwd"}),
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the path `/etc/passwd` by `org.cnai.model.filepath`, which is absolute [path-invalid]
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has the path `m.gguf`, and `/etc/passwd` for tools that go by the older annotation [path-annotation]
out: 1 artifact, 3 blobs, 959 B: 1 error, 1 warning

"#]],
        ),
        (
            json!({
                "org.cncf.model.file.mediatype.untested": "maybe",
                "org.cnai.model.file.mediatype.untested": "true",
            }),
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has `org.cncf.model.file.mediatype.untested` of `maybe`, which is neither `true` nor `false` [metadata-invalid]
out: 1 artifact, 3 blobs, 1.02 kB: 1 error

"#]],
        ),
        (
            json!({
                "org.cncf.model.file.metadata+json": r#"{"mode":-1,"uid":4294967296,"gid":0,"size":8,"typeflag":256}"#,
            }),
            str![[r#"
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: `metadata.mode` is not a whole number from 0 to 4294967295 [metadata-invalid]
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: `metadata.uid` is not a whole number from 0 to 4294967295 [metadata-invalid]
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: `metadata.typeflag` is not a whole number from 0 to 255 [metadata-invalid]
out: 1 artifact, 3 blobs, 874 B: 3 errors

"#]],
        ),
    ];
    for (annotations, expected) in table {
        changed(|_, layers| {
            let all = layers[0]["annotations"].as_object_mut().unwrap();
            all.extend(annotations.as_object().unwrap().clone());
        })
        .status(4)
        .stdout(expected)
        .run();
    }
}

/// Of what is there twice readers take the first or the last, and Go takes names of another case.
#[test]
fn readers_agree_on_the_metadata() {
    let mut told = String::new();
    for metadata in [
        r#"{"mode":420,"size":8,"mode":420}"#,
        r#"{"mode":493,"size":1,"size":8,"name":"m.gguf"}"#,
        r#"{"Mode":420,"typeflag":0}"#,
        r#"{"size":8,"size":9}"#,
        r#"{"other":1,"other":2}"#,
        "[]",
    ] {
        let test = changed(|_, layers| layers[0]["annotations"]["org.cncf.model.file.metadata+json"] = json!(metadata));
        let output = test.command().output().unwrap();
        told += str::from_utf8(&output.stdout).unwrap();
    }
    assert_data_eq!(
        told,
        str![[r#"
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has metadata that readers do not agree on: it has `mode` twice [metadata-invalid]
out: 1 artifact, 3 blobs, 842 B: 1 warning
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has metadata that readers do not agree on: it has `size` twice [metadata-invalid]
out: 1 artifact, 3 blobs, 860 B: 1 warning
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has metadata that readers do not agree on: it has `Mode`, which readers written in Go take for `mode`, and others do not [metadata-invalid]
out: 1 artifact, 3 blobs, 833 B: 1 warning
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has 8 bytes, and metadata that say 9 [metadata-size]
warning: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: has metadata that readers do not agree on: it has `size` twice [metadata-invalid]
out: 1 artifact, 3 blobs, 827 B: 1 error, 1 warning
out: 1 artifact, 3 blobs, 829 B: all is well
error: m.gguf sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0: `metadata` is not an object [metadata-invalid]
out: 1 artifact, 3 blobs, 806 B: 1 error

"#]]
    );
}

/// The path of a tar is judged, too: extract refuses it.
#[test]
fn the_path_of_what_is_packed_is_judged() {
    let tar = tar(&[("code/a.py", tar::EntryType::Regular)]);
    let output = crafted(|out| {
        let mut layer = super::layers::packed(out, "tar", &tar);
        layer["annotations"]["org.cncf.model.filepath"] = json!("../code");
        let layers = [layer];
        manifest(out, super::CONFIG, &config(&layers), &layers)
    })
    .status(4)
    .stdout(str![[r#"
error: ../code sha256:5b3d949f5f0d0802007e71d9994934c8a9c37e1c6ef1d88e2f494aaa771d153d: its path leads out of its directory by `..` [path-invalid]
out: 1 artifact, 3 blobs, 2.77 kB: 1 error

"#]])
    .run();
    output.then().args(["extract", "out", "x"]).status(4).run();
}

#[test]
fn the_diff_ids_of_a_kitfile_count() {
    let inside = tar(&[("m.gguf", tar::EntryType::Regular)]);
    let kit = |diff: String| {
        let test = Test::new();
        let kitfile = move |digests: &[String]| {
            json!({"model": {"path": "m.gguf", "digest": digests[0], "diffId": diff}}).to_string()
        };
        foreign::annotated(
            &test,
            "out",
            "application/vnd.kitops.modelkit.config.v1+json",
            kitfile,
            &[(
                "application/vnd.kitops.modelkit.model.v1.tar+gzip",
                json!({}),
                gzip(&inside),
            )],
        );
        test.args(["verify", "out"])
    };
    kit(sha256(&inside)).run();
    let output = kit(sha256(b"other")).status(4).stdout(str![[r#"
error: m.gguf sha256:abd75795ed045638d88b41e0b3e5105a45cf32fbb895bdb54ad289a2045206c3: has the diff ID sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, and unpacks to sha256:e1bc1f9924cb80e12c8e206cdd914d11a60e292174dc6bee6a12aeca9a44129b [diff-id]
out: 1 artifact, 3 blobs, 720 B: 1 error

"#]]).run();
    output.then().args(["extract", "out", "x"]).status(4).run();
}

/// A layout `out` whose only entry has this media type.
fn entry(media_type: &str, change: fn(&mut Value)) -> Test {
    let test = Test::new();
    let out = test.dir().join("out");
    let layers = [layer(&out, "weight.v1.raw", "m.gguf", b"weights\n")];
    let mut manifest = manifest(&out, super::CONFIG, &config(&layers), &layers);
    change(&mut manifest);
    let entry = put(&out, media_type, manifest.to_string().as_bytes());
    layout(&out, &[entry]);
    test.args(["verify", "out"])
}

#[test]
fn media_types_of_documents_are_known() {
    entry("application/json", |manifest| {
        manifest["mediaType"] = json!("application/json");
    })
    .stdout(str![[r#"
warning: manifest sha256:17a3b484beb3e3c4b0ec3c4d66320fb5868efb78eca14bd872759e7b2896fdda: is said to be `application/json`, which is no media type of a manifest or an index [document-type]
out: 1 artifact, 3 blobs, 893 B: 1 warning

"#]])
    .run();
    let unsaid: fn(&mut Value) = |manifest| drop(manifest.as_object_mut().unwrap().remove("mediaType"));
    entry(MANIFEST, unsaid).run();
    let output = entry(INDEX, unsaid).status(4).stdout(str![[r#"
error: manifest sha256:c8f8436b131b299cb9a899c4c93c6fda197bb2c158cc0e48664f3ee3d131dbb1: is said to be `application/vnd.oci.image.index.v1+json`, and has no member of such [media-type-differs]
out: 1 artifact, 3 blobs, 862 B: 1 error

"#]]).run();
    let Some(skopeo) = oracle("skopeo") else { return };
    let args = ["copy", "--insecure-policy", "oci:out", "dir:copied"];
    assert!(!skopeo.ask(&output.dir(), args).success);
}

#[test]
fn bytes_in_a_descriptor_are_those_of_its_blob() {
    let table: [(Value, i32, Inline); 5] = [
        (
            json!("d2VpZ2h0cwo="),
            0,
            str![[r#"
out: 1 artifact, 3 blobs, 941 B: all is well

"#]],
        ),
        (
            json!("V2VpZ2h0cwo="),
            4,
            str![[r#"
error: manifest sha256:55a43972034a3c66fe96a50d092e8abe7f7d87de6f218483ba76963df6c88976: `layers[0]` has `data` of another digest than it says [descriptor-data]
out: 1 artifact, 3 blobs, 941 B: 1 error

"#]],
        ),
        (
            json!("d2VpZ2h0cw=="),
            4,
            str![[r#"
error: manifest sha256:e0a1cf2909e98a58184cf9ffac5bebc5da2cdea859cfd7889e661381e7e45c53: `layers[0]` has `data` of another size than it says [descriptor-data]
out: 1 artifact, 3 blobs, 941 B: 1 error

"#]],
        ),
        (
            json!("?"),
            4,
            str![[r#"
error: manifest sha256:85bb60c79393d9c11bc0578360f3294b4ac94550f671830beff2e2cdec278507: `layers[0]` has `data` that are not in base64 [descriptor-data]
out: 1 artifact, 3 blobs, 930 B: 1 error

"#]],
        ),
        (
            json!(1),
            4,
            str![[r#"
error: manifest sha256:3b28de622660cd4d3c9a9fde7248c92be94fec9919cf1dd85f404bd40a2ccc0e: `layers[0]` has `data` that are no text [descriptor-data]
out: 1 artifact, 3 blobs, 928 B: 1 error

"#]],
        ),
    ];
    for (data, status, expected) in table {
        changed(|_, layers| layers[0]["data"] = data)
            .status(status)
            .stdout(expected)
            .run();
    }
}
