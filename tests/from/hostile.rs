//! Bases that are none, that are damaged, or that mean harm.

use snapbox::str;

use super::{hex_of, test};
use crate::harness::{Test, snapshot};

fn refused(test: Test, from: &str, expected: impl snapbox::IntoData) -> Test {
    test.file("m/Modelfile", format!("FROM {from}\n"))
        .args(["build", "m", "-o", "out"])
        .status(3)
        .stdout("")
        .stderr(expected)
        .run()
        .then()
}

#[test]
fn places_that_are_none() {
    let test = test().file("dir/file", "");
    let test = refused(
        test,
        "docker://example.org/m:v1",
        str![[r#"
error: cannot build from `docker://example.org/m:v1`
 --> m/Modelfile:1:6
  |
1 | FROM docker://example.org/m:v1
  |      ^^^^^^^^^^^^^^^^^^^^^^^^^ registries cannot be read yet; `skopeo copy` it to a layout first
  |
  = help: name a layout or its tar, as in `FROM oci:../base:v1` or `FROM ../base.tar`; weights are named with `MODEL`


"#]],
    );
    let test = refused(
        test,
        "../missing",
        str![[r#"
error: cannot build from `../missing`
 --> m/Modelfile:1:6
  |
1 | FROM ../missing
  |      ^^^^^^^^^^ there is nothing at `m/../missing`
  |
  = help: name a layout directory or a tarball; registries cannot be read yet, `skopeo copy` fetches from one


"#]],
    );
    let test = refused(
        test,
        "../dir",
        str![[r#"
error: cannot build from `../dir`
 --> m/Modelfile:1:6
  |
1 | FROM ../dir
  |      ^^^^^^ `m/../dir` is no OCI layout (it has no file `oci-layout`)
  |
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one


"#]],
    );
    drop(test);
}

#[test]
fn files_that_are_no_tarball_of_a_layout() {
    let test = test()
        .file("empty.tar", "")
        .file("text.tar", "no tar\n".repeat(200))
        .file("gzip.tar", [0x1f, 0x8b, 8, 0])
        .file("dir/file", "");
    let test = refused(
        test,
        "../empty.tar",
        str![[r#"
error: cannot build from `../empty.tar`
 --> m/Modelfile:1:6
  |
1 | FROM ../empty.tar
  |      ^^^^^^^^^^^^ `m/../empty.tar` is no tar of an OCI layout (it has no `index.json`)
  |
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one


"#]],
    );
    let test = refused(
        test,
        "../text.tar",
        str![[r#"
error: cannot build from `../text.tar`
 --> m/Modelfile:1:6
  |
1 | FROM ../text.tar
  |      ^^^^^^^^^^^ `m/../text.tar` is no tar
  |
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one


"#]],
    );
    let test = refused(
        test,
        "../gzip.tar",
        str![[r#"
error: cannot build from `../gzip.tar`
 --> m/Modelfile:1:6
  |
1 | FROM ../gzip.tar
  |      ^^^^^^^^^^^ `m/../gzip.tar` is compressed by gzip; a layout's tar never is
  |
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one


"#]],
    );
    let test = refused(
        test,
        "oci-archive:../dir",
        str![[r#"
error: cannot build from `oci-archive:../dir`
 --> m/Modelfile:1:6
  |
1 | FROM oci-archive:../dir
  |      ^^^^^^^^^^^^^^^^^^ `m/../dir` is not a regular file
  |
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one


"#]],
    );
    let test = refused(
        test,
        "oci:../base:v2",
        str![[r#"
error: cannot build from `oci:../base:v2`
 --> m/Modelfile:1:6
  |
1 | FROM oci:../base:v2
  |      ^^^^^^^^^^^^^^ `m/../base` holds no `v2`, but `v1`
  |
  = help: choose one by its tag, as in `oci:DIR:TAG` or `oci-archive:FILE:TAG`, or by its digest, as in `DIR@sha256:…`


"#]],
    );
    let test = refused(
        test,
        "../base@sha256:00",
        str![[r#"
error: cannot build from `../base@sha256:00`
 --> m/Modelfile:1:6
  |
1 | FROM ../base@sha256:00
  |      ^^^^^^^^^^^^^^^^^ behind `@` a digest is expected: `sha256:` and 64 lower-case hexadecimal characters
  |
  = help: name a layout or its tar, as in `FROM oci:../base:v1` or `FROM ../base.tar`; weights are named with `MODEL`


"#]],
    );
    refused(
        test,
        "",
        str![[r#"
error: `FROM` takes one value
 --> m/Modelfile:1:1
  |
1 | FROM 
  | ^^^^ nothing follows
  |
  = help: write it as in `FROM oci:../base:v1`


"#]],
    );
}

#[test]
fn a_pipe_is_not_waited_for() {
    let test = test();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        test.dir().join("pipe.tar"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    refused(
        test,
        "../pipe.tar",
        str![[r#"
error: cannot build from `../pipe.tar`
 --> m/Modelfile:1:6
  |
1 | FROM ../pipe.tar
  |      ^^^^^^^^^^^ `m/../pipe.tar` is not a regular file
  |
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one


"#]],
    );
}

#[test]
fn a_tarball_that_ends_early() {
    let test = test();
    let path = test.dir().join("base.tar");
    let whole = fs_err::read(&path).unwrap();
    let mut test = test;
    // What stands behind the index is for Docker Model Runner alone.
    let index = br#""manifests":["#;
    let needed = whole.windows(index.len()).rposition(|bytes| bytes == index).unwrap();
    for length in (0..needed).step_by(512 * 3 + 100) {
        fs_err::write(&path, &whole[..length]).unwrap();
        let output = test
            .file("m/Modelfile", "FROM ../base.tar\n")
            .args(["build", "m", "-q", "-o", "out"])
            .status(3)
            .run();
        test = output.then();
        assert!(!test.dir().join("out").exists(), "{length}");
    }
}

/// Rewrites the base's manifest, or its config, and all digests above it.
fn rewrite(test: &Test, document: &str, change: impl Fn(&mut serde_json::Value)) {
    let dir = test.dir().join("base");
    let blob = |digest: &serde_json::Value| {
        dir.join("blobs/sha256")
            .join(digest.as_str().unwrap().replace("sha256:", ""))
    };
    let read =
        |path: &std::path::Path| -> serde_json::Value { serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap() };
    let put = |value: &serde_json::Value| {
        let json = value.to_string();
        let hex = hex_of(json.as_bytes());
        fs_err::write(dir.join("blobs/sha256").join(&hex), &json).unwrap();
        (format!("sha256:{hex}"), json.len())
    };
    let mut index = read(&dir.join("index.json"));
    let mut manifest = read(&blob(&index["manifests"][0]["digest"]));
    if document == "config" {
        let mut config = read(&blob(&manifest["config"]["digest"]));
        change(&mut config);
        let (digest, size) = put(&config);
        manifest["config"]["digest"] = digest.into();
        manifest["config"]["size"] = size.into();
    } else {
        change(&mut manifest);
    }
    let (digest, size) = put(&manifest);
    index["manifests"][0]["digest"] = digest.into();
    index["manifests"][0]["size"] = size.into();
    fs_err::write(dir.join("index.json"), index.to_string()).unwrap();
}

#[test]
fn layers_that_cannot_be_taken_over() {
    for path in ["/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "a\nb", ".", ""] {
        let test = test();
        rewrite(&test, "manifest", |manifest| {
            let annotations = &mut manifest["layers"][0]["annotations"];
            annotations["org.cncf.model.filepath"] = path.into();
            annotations["org.opencontainers.image.title"] = path.into();
        });
        let test = test
            .file("m/Modelfile", "FROM ../base\n")
            .args(["build", "m", "-q", "-o", "out"])
            .status(3)
            .run()
            .then();
        assert!(!test.dir().join("out").exists(), "{path:?}");
    }
    let test = test();
    rewrite(&test, "manifest", |manifest| {
        manifest["layers"][1]["annotations"] = manifest["layers"][0]["annotations"].clone();
    });
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ two of its layers hold `model.gguf`


"#]],
    );
    let test = super::test();
    rewrite(&test, "manifest", |manifest| {
        manifest["layers"][0]["mediaType"] = "application/x-other".into();
    });
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ layer sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c: its media type `application/x-other` is not known here


"#]],
    );
}

#[test]
fn documents_that_do_not_belong_together() {
    let test = test();
    rewrite(&test, "config", |config| {
        config["modelfs"]["diffIds"] = serde_json::json!(["sha256:00"]);
    });
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ `m/../base`: the config cannot be read: `sha256:00` is not a digest: expected `sha256:` and 64 lower-case hexadecimal characters at line 1 column 233


"#]],
    );
    let test = super::test();
    rewrite(&test, "config", |config| {
        drop(config["modelfs"]["diffIds"].as_array_mut().unwrap().pop());
    });
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ `m/../base`: the config lists 3 diff IDs for 4 layers


"#]],
    );
    let test = super::test();
    rewrite(&test, "manifest", |manifest| {
        manifest["config"]["mediaType"] = "application/vnd.oci.image.config.v1+json".into();
    });
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ `m/../base`: it is no model artifact: its config has the media type `application/vnd.oci.image.config.v1+json`


"#]],
    );
    let test = super::test();
    rewrite(&test, "manifest", |manifest| {
        *manifest = serde_json::json!({"manifests": []});
    });
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ `m/../base`: it is an index of several manifests, not one artifact


"#]],
    );
}

#[test]
fn damage() {
    let blob = |test: &Test, content: &str| test.dir().join("base/blobs/sha256").join(hex_of(content.as_bytes()));
    // A layer that is gone.
    let test = test();
    fs_err::remove_file(blob(&test, "weights")).unwrap();
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ layer sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c: its blob is missing


"#]],
    );
    // One of another size.
    let test = super::test();
    fs_err::write(blob(&test, "weights"), "more weights").unwrap();
    refused(
        test,
        "../base",
        str![[r#"
error: cannot build from `../base`
 --> m/Modelfile:1:6
  |
1 | FROM ../base
  |      ^^^^^^^ `m/../base` is damaged: the blob sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c has 12 bytes instead of 7
  |
  = help: build or copy it again


"#]],
    );
    // One of other bytes: noticed when they pass, and nothing is published.
    let test = super::test();
    fs_err::write(blob(&test, "weights"), "wEights").unwrap();
    let before = snapshot(&test.dir().join("base"));
    let test = test
        .file("m/Modelfile", "FROM ../base\n")
        .args(["build", "m", "-o", "out", "-o", "out.tar"])
        .status(4)
        .stderr(str![[r#"
error: the base `../base` is damaged: its layer `model.gguf` has the digest sha256:c6808751b5085f2ba3b74adce8f03430627831c321c039d273881d09d38ce488, not sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c
  = help: build or copy the base again; nothing was published

"#]])
        .run()
        .then();
    assert!(!test.dir().join("out").exists() && !test.dir().join("out.tar").exists());
    assert_eq!(snapshot(&test.dir().join("base")), before);
}

/// A tar that claims to hold more than there is, and one that never ends.
#[test]
fn headers_that_lie() {
    let mut header = tar::Header::new_gnu();
    header.set_path("index.json").unwrap();
    header.set_size(1 << 50);
    header.set_cksum();
    let test = test().file("huge.tar", header.as_bytes());
    let test = refused(
        test,
        "../huge.tar",
        str![[r#"
error: cannot build from `../huge.tar`
 --> m/Modelfile:1:6
  |
1 | FROM ../huge.tar
  |      ^^^^^^^^^^^ `m/../huge.tar` is damaged: it ends in the middle of `index.json`
  |
  = help: build or copy it again


"#]],
    );
    // Sparse: 2 GiB of zeros behind a good beginning take no time.
    let path = test.dir().join("sparse.tar");
    fs_err::copy(test.dir().join("base.tar"), &path).unwrap();
    let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(1 << 31).unwrap();
    test.file("m/Modelfile", "FROM ../sparse.tar\n")
        .args(["build", "m", "-q", "-n"])
        .run();
}
