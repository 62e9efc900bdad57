//! Bases that are none, that are damaged, or that mean harm.

use std::path::Path;

use snapbox::str;

use super::{hex_of, test};
use crate::harness::{Test, sha256, snapshot};

/// What to do, as the last line of a finding says it.
pub const NAME_A_PLACE: &str = "name a layout directory (with `oci-layout` in it) or an uncompressed tar of one";
const A_PIPE: &str =
    "`m/../pipe.tar` is a pipe, and a place has to be a directory or a file, which can be read more than once";
const SAVE: &str = "save what comes out of it to a file first, and name that";
const NAME_A_REFERENCE: &str = "name a registry's as `FROM docker://HOST/REPOSITORY:TAG`, a layout or its tar, as in `FROM oci:../base:v1` or `FROM ../base.tar`; weights are named with `MODEL`";
const FETCH: &str = "name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`";
const CHOOSE: &str =
    "choose one by its tag, as in `oci:DIR:TAG` or `oci-archive:FILE:TAG`, or by its digest, as in `DIR@sha256:…`";
pub const AGAIN: &str = "build or copy it again";
const MEND: &str = "`modelbuild verify m/../base --repair SOURCE` fetches it from another layout, tarball or registry that has it whole";
const NOTHING: &str = "";

/// Builds from something, which must end with one finding there: `why`, what to do, and the exit code.
pub fn refused(test: Test, from: &str, why: &str, help: &str, status: i32) -> Test {
    let carets = "^".repeat(from.len());
    let help = if help == NOTHING {
        String::new()
    } else {
        format!("  |\n  = help: {help}\n")
    };
    let expected = format!(
        "error: cannot build from `{from}`\n --> m/Modelfile:1:6\n  |\n1 | FROM {from}\n  |      {carets} {why}\n{help}\n"
    );
    let test = test
        .file("m/Modelfile", format!("FROM {from}\n"))
        .args(["build", "m", "-o", "out"])
        .status(status)
        .stdout("")
        .stderr(expected)
        .run()
        .then();
    assert!(!test.dir().join("out").exists());
    test
}

#[test]
fn places_that_are_none() {
    let test = test()
        .file("dir/file", "")
        .file("empty.tar", "")
        .file("text.tar", "no tar\n".repeat(200))
        .file("text", "no tar\n".repeat(200))
        .file("gzip.tar", [0x1f, 0x8b, 8, 0]);
    let pipe = rustix::fs::FileType::Fifo;
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, test.dir().join("pipe.tar"), pipe, mode, 0).unwrap();
    let cases = [
        (
            "docker://example.org/M:v1",
            "expected `HOST/REPOSITORY[:TAG]` or `HOST/REPOSITORY@sha256:…`, the repository in lower case",
            NAME_A_REFERENCE,
        ),
        ("../missing", "there is nothing at `m/../missing`", FETCH),
        (
            "../base:v1",
            "there is nothing at `m/../base:v1`",
            "write `oci:../base:v1` for the artifact of that tag in `../base`",
        ),
        (
            "registry.example/some/base:v1",
            "there is nothing at `m/registry.example/some/base:v1`",
            "write `docker://registry.example/some/base:v1` for an artifact in a registry",
        ),
        (
            "../dir",
            "`m/../dir` is no OCI layout (it has no file `oci-layout`)",
            NAME_A_PLACE,
        ),
        ("../text", "`m/../text` is no tar", NAME_A_PLACE),
        (
            "../gzip.tar",
            "`m/../gzip.tar` is compressed by gzip; a layout's tar never is",
            NAME_A_PLACE,
        ),
        ("oci-archive:../dir", "`m/../dir` is not a regular file", NAME_A_PLACE),
        ("../pipe.tar", A_PIPE, SAVE),
        ("oci:../pipe.tar", A_PIPE, SAVE),
        (
            "oci-archive:/dev/zero",
            "`/dev/zero` is not a regular file",
            NAME_A_PLACE,
        ),
        (
            "oci-archive:/dev/null",
            "`/dev/null` is not a regular file",
            NAME_A_PLACE,
        ),
        ("/dev/zero", "`/dev/zero` is not a directory", NAME_A_PLACE),
        ("oci:../base:v2", "`m/../base` holds no `v2`, but `v1`", CHOOSE),
        (
            "../base@sha256:00",
            "behind `@` a digest is expected: `sha256:` and 64 lower-case hexadecimal characters",
            NAME_A_REFERENCE,
        ),
    ];
    let test = cases
        .iter()
        .fold(test, |test, (from, why, help)| refused(test, from, why, help, 3));
    // By their names they were tarballs.
    let cut_off = "`m/../empty.tar` is damaged: it ends before the tar does: it was cut off";
    let other = "`m/../text.tar` is damaged: its first 512 bytes are no header of a tar";
    let test = refused(test, "../empty.tar", cut_off, AGAIN, 4);
    let test = refused(test, "../text.tar", other, AGAIN, 4);
    // So it was by what stands before its name.
    let other = "`m/../text` is damaged: its first 512 bytes are no header of a tar";
    refused(test, "oci-archive:../text", other, AGAIN, 4);
}

#[test]
fn nothing_behind_from() {
    test()
        .file("m/Modelfile", "FROM \n")
        .args(["build", "m", "-o", "out"])
        .status(3)
        .stderr(str![[r#"
error: `FROM` takes one value
 --> m/Modelfile:1:1
  |
1 | FROM 
  | ^^^^ nothing follows
  |
  = help: write it as in `FROM oci:../base:v1`


"#]])
        .run();
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
    let (long, deep) = ("x".repeat(256), "x/".repeat(2100) + "x");
    let hidden = ".modelbuild-extract/0";
    for path in [
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        "a/",
        "a\nb",
        ".",
        "",
        hidden,
        &long,
        &deep,
    ] {
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
}

#[test]
fn documents_that_do_not_belong_together() {
    type Change = fn(&mut serde_json::Value);
    let media_type = format!(
        "layer {}: files cannot be got out of its media type `application/x-other`",
        sha256(b"weights")
    );
    let cases: [(&str, Change, &str); 6] = [
        (
            "manifest",
            |manifest| manifest["layers"][1]["annotations"] = manifest["layers"][0]["annotations"].clone(),
            "two of its layers hold `model.gguf`",
        ),
        (
            "manifest",
            |manifest| manifest["layers"][0]["mediaType"] = "application/x-other".into(),
            &media_type,
        ),
        (
            "config",
            |config| config["modelfs"]["diffIds"] = serde_json::json!(["sha256:00"]),
            "`m/../base`: the config cannot be read: `sha256:00` is not a digest: expected `sha256:` and 64 lower-case hexadecimal characters at line 1 column 233",
        ),
        (
            "config",
            |config| drop(config["modelfs"]["diffIds"].as_array_mut().unwrap().pop()),
            "`m/../base`: the config lists 3 diff IDs for 4 layers",
        ),
        (
            "manifest",
            |manifest| {
                manifest["artifactType"] = "application/x-chart".into();
                manifest["config"]["mediaType"] = "application/x-chart".into();
                for layer in manifest["layers"].as_array_mut().unwrap() {
                    layer["annotations"] = serde_json::json!({});
                }
            },
            "`m/../base`: it is no model artifact: its config has the media type `application/x-chart`",
        ),
        (
            "manifest",
            |manifest| *manifest = serde_json::json!({"manifests": []}),
            "`m/../base`: it is an index of several manifests, not one artifact",
        ),
    ];
    for (document, change, why) in cases {
        let test = test();
        rewrite(&test, document, change);
        refused(test, "../base", why, NOTHING, 3);
    }
}

#[test]
fn layers_that_are_missing_or_of_another_size() {
    let weights = sha256(b"weights");
    let test = test();
    let blob = test.dir().join("base/blobs/sha256").join(hex_of(b"weights"));
    fs_err::remove_file(&blob).unwrap();
    let test = refused(
        test,
        "../base",
        &format!("layer {weights}: its blob is missing"),
        MEND,
        4,
    );
    fs_err::write(blob, "more weights").unwrap();
    let why = format!("`m/../base` is damaged: the blob {weights} has 12 bytes instead of 7");
    refused(test, "../base", &why, MEND, 4);
}

#[test]
fn documents_that_are_not_what_they_should_be() {
    let test = test();
    let base = test.dir().join("base");
    let read = |path: &Path| -> serde_json::Value { serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap() };
    let mut index = read(&base.join("index.json"));
    let digest = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    let blob = |digest: &str| base.join("blobs/sha256").join(digest.trim_start_matches("sha256:"));
    let manifest = fs_err::read_to_string(blob(&digest)).unwrap();
    let refuse = |test, what: &str, help| refused(test, "../base", &format!("`m/../base` is damaged: {what}"), help, 4);
    let damaged = |test, what: &str| refuse(test, what, MEND);

    fs_err::write(
        blob(&digest),
        manifest
            .replace("weights", "WEIGHTS")
            .replace("model.gguf", "MODEL.gguf"),
    )
    .unwrap();
    let test = damaged(
        test,
        &format!("the manifest {digest} has other bytes than its digest says"),
    );
    fs_err::write(blob(&digest), "{}").unwrap();
    let size = manifest.len();
    let test = damaged(test, &format!("the manifest {digest} has 2 bytes instead of {size}"));
    fs_err::remove_file(blob(&digest)).unwrap();
    let test = damaged(test, &format!("the manifest {digest} is missing"));

    // Good in every way, but for 17 MiB of blanks.
    let large = manifest + &" ".repeat(17 << 20);
    let (digest, size) = (sha256(large.as_bytes()), large.len());
    fs_err::write(blob(&digest), large).unwrap();
    index["manifests"][0]["digest"] = digest.clone().into();
    index["manifests"][0]["size"] = size.into();
    fs_err::write(base.join("index.json"), index.to_string()).unwrap();
    let what = format!("the manifest {digest} has {size} bytes; 16777216 are the most");
    let test = refuse(test, &what, "build or copy it to another directory");
    fs_err::write(base.join("index.json"), " ".repeat(17 << 20)).unwrap();
    let test = refuse(test, "index.json has 17825792 bytes; 16777216 are the most", MEND);
    fs_err::write(base.join("index.json"), "{").unwrap();
    let what = "index.json is not an image index: EOF while parsing an object at line 1 column 1";
    refuse(test, what, MEND);
}

#[test]
fn damage_that_shows_when_the_bytes_pass() {
    let blob = |test: &Test, content: &str| test.dir().join("base/blobs/sha256").join(hex_of(content.as_bytes()));
    let test = test();
    fs_err::write(blob(&test, "weights"), "wEights").unwrap();
    let before = snapshot(&test.dir().join("base"));
    let test = test
        .file("m/Modelfile", "FROM ../base\n")
        .args(["build", "m", "-o", "out", "-o", "out.tar"])
        .status(4)
        .stderr(str![[r#"
error: the base `../base` is damaged: its layer `model.gguf` has the digest sha256:c6808751b5085f2ba3b74adce8f03430627831c321c039d273881d09d38ce488, not sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c
  = help: nothing was published; the base is damaged: a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again

"#]])
        .run()
        .then();
    assert!(!test.dir().join("out").exists() && !test.dir().join("out.tar").exists());
    assert_eq!(snapshot(&test.dir().join("base")), before);
}
