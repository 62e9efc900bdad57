//! `FROM`: an artifact that is there already is taken over, without reading its layers.

mod bases;
mod hostile;
mod registry;
mod tars;
mod variants;

use std::os::unix::fs::MetadataExt as _;

use snapbox::str;

use crate::harness::{Test, sha256};
use crate::layout::{self, check, check_tar};

/// A base in `base` (tagged `v1`) and in `base.tar`, and a context `m` for what is built from it.
fn test() -> Test {
    Test::new()
        .file("b/Modelfile", BASE)
        .file("b/model.gguf", "weights")
        .file("b/config.json", r#"{"a":1}"#)
        .file("b/chat.jinja", "old")
        .file("b/run.py", "print()")
        .args(["build", "b", "-q", "-o", "base", "-o", "base.tar", "-t", "base:v1"])
        .run()
        .then()
}

const BASE: &str = "NAME base\nFAMILY llama\nFORMAT gguf\nLICENSE MIT\nLICENSE Apache-2.0\nAUTHOR Ada\nLANGUAGE en\n\
    INPUT text\nCAPABILITY tools\nANNOTATION a.b kept\nANNOTATION a.c replaced\n\
    MODEL model.gguf\nCONFIG config.json\nTEMPLATE chat.jinja\nCODE run.py\n";

/// Manifest and config of the artifact without a tag in `layout`.
fn documents(test: &Test, layout: &str) -> (String, String) {
    let dir = test.dir().join(layout);
    let (digest, _) = &check(&dir).manifests[0];
    let blob = |digest: &str| {
        let hex = digest.strip_prefix("sha256:").unwrap();
        fs_err::read_to_string(dir.join("blobs/sha256").join(hex)).unwrap()
    };
    let manifest = blob(digest);
    let json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let config = blob(json["config"]["digest"].as_str().unwrap());
    (manifest, config)
}

fn paths(manifest: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(manifest).unwrap();
    let path = |layer: &serde_json::Value| {
        layer["annotations"]["org.cncf.model.filepath"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    json["layers"].as_array().unwrap().iter().map(path).collect()
}

/// The name of a blob in a layout.
fn hex_of(bytes: &[u8]) -> String {
    sha256(bytes).trim_start_matches("sha256:").to_owned()
}

#[test]
fn nothing_stated_is_the_base_again() {
    for reference in ["../base", "oci:../base:v1", "../base.tar", "oci-archive:../base.tar:v1"] {
        let output = test()
            .file("m/Modelfile", format!("FROM {reference}\n"))
            .args(["build", "m", "-q", "-o", "out"])
            .run();
        let test = output.then();
        let base = check(&test.dir().join("base"));
        assert_eq!(base.tagged("v1"), Some(output_digest(&test).as_str()), "{reference}");
    }
}

fn output_digest(test: &Test) -> String {
    check(&test.dir().join("out")).manifests[0].0.clone()
}

#[test]
fn what_is_stated_replaces_what_is_inherited() {
    let modelfile = "FROM ../base\nVERSION 2\nLICENSE BSD-3-Clause\nLANGUAGE fr\nANNOTATION a.c new\nCONFIG config.json\n\
        TEMPLATE other.jinja\nDOC README.md\n";
    let test = test()
        .file("m/Modelfile", modelfile)
        .file("m/config.json", r#"{"a":2}"#)
        .file("m/other.jinja", "new")
        .file("m/README.md", "read me")
        .args(["build", "m", "-q", "-o", "out"])
        .run()
        .then();
    let (manifest, config) = documents(&test, "out");
    assert_eq!(
        paths(&manifest),
        ["model.gguf", "other.jinja", "config.json", "run.py", "README.md"]
    );
    snapbox::assert_data_eq!(
        config,
        str![[
            r#"{"descriptor":{"authors":["Ada"],"family":"llama","name":"base","version":"2","licenses":["BSD-3-Clause"]},"modelfs":{"type":"layers","diffIds":["sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c","sha256:11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437","sha256:7e8059f495589fcd981232cc11d00b00da3802c01d688fa1cf1f6bed6e5bb33c","sha256:525d513313416cf187f44fa87e1753ee6d11552c22097537ddc32b4ed34fa68f","sha256:3f22095641508576e91dc7c6c7f7e08a093985d53ea998043c6619ad240dc92c"]},"config":{"format":"gguf","capabilities":{"inputTypes":["text"],"toolUsage":true,"languages":["fr"]}}}"#
        ]]
    );
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    snapbox::assert_data_eq!(
        manifest["annotations"].to_string(),
        str![[r#"{"a.b":"kept","a.c":"new"}"#]]
    );
}

#[test]
fn the_name_is_the_base_s_unless_stated() {
    for (line, name) in [("", "base"), ("NAME other\n", "other")] {
        let test = test()
            .file("m/Modelfile", format!("FROM ../base\n{line}"))
            .args(["build", "m", "-q"])
            .run()
            .then();
        check(&test.dir().join("m/dist").join(name));
    }
}

#[test]
fn a_layer_that_is_there_is_neither_read_nor_written() {
    let test = test().file("m/Modelfile", "FROM ../base\nVERSION 2\n");
    let blobs = test.dir().join("base/blobs/sha256");
    let stamps = |dir: &std::path::Path| {
        let mut all: Vec<_> = fs_err::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (
                    entry.file_name(),
                    entry.metadata().unwrap().ino(),
                    entry.metadata().unwrap().mtime_nsec(),
                )
            })
            .collect();
        all.sort();
        all
    };
    let before = stamps(&blobs);
    let test = test
        .args(["build", "m", "-o", "base", "-t", "base:v2"])
        .stderr(str![[r#"
built `base` in [TIME]: 4 layers, 24 B; 4 there already

"#]])
        .run()
        .then();
    let after = stamps(&blobs);
    assert!(before.iter().all(|blob| after.contains(blob)));
    // Config and manifest.
    assert_eq!(after.len(), before.len() + 2);
    let layout = check(&test.dir().join("base"));
    assert_eq!(layout.manifests.len(), 2);
    assert_ne!(layout.tagged("v1"), layout.tagged("v2"));
}

#[test]
fn the_same_bytes_from_a_layout_and_from_a_tarball_to_any_output() {
    let mut digests = vec![];
    for reference in ["../base", "../base.tar"] {
        let output = test()
            .file("m/Modelfile", format!("FROM {reference}\nVERSION 2\n"))
            .args(["build", "m", "-q", "-o", "out", "-o", "out.tar"])
            .run();
        let digest = output.text().trim().to_owned();
        let test = output.then();
        assert_eq!(check(&test.dir().join("out")).manifests, [(digest.clone(), None)]);
        assert_eq!(
            check_tar(&test.dir().join("out.tar")).manifests,
            [(digest.clone(), None)]
        );
        digests.push((digest, layout::contents(&test.dir().join("out"))));
    }
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn an_argument_may_choose_the_base() {
    test()
        .file("m/Modelfile", "ARG tag=v1\nFROM oci:../base:${tag}\n")
        .args(["build", "m", "-n", "--build-arg", "tag=v3"])
        .status(3)
        .stderr(str![[r#"
error: cannot build from `oci:../base:v3`
 --> m/Modelfile:2:6
  |
2 | FROM oci:../base:${tag}
  |      ^^^^^^^^^^^^^^^^^^ `m/../base` holds no `v3`, but `v1`
  |
  = help: choose one by its tag, as in `oci:DIR:TAG` or `oci-archive:FILE:TAG`, or by its digest, as in `DIR@sha256:…`


"#]])
        .run();
}
