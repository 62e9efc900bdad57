//! What no engine could open.

use std::fmt::Write as _;

use modelbuild::artifact::media_type::{DOCKER_CONFIG_V0_2, DOCKER_GGUF, MODELPACK_CONFIG};

use super::*;
use crate::foreign::layout;
use crate::harness::snapshot;
use crate::tiny::assert_same_text;

#[test]
fn what_no_engine_could_open() {
    let file = |path: &'static str| ("application/vnd.cncf.model.doc.v1.raw", path, path.as_bytes().to_vec());
    let mut told = String::new();
    for layers in [
        &[][..],
        &[
            file("README.md"),
            file("w.gguf"),
            file("3"),
            file("4"),
            file("5"),
            file("6"),
        ],
        &[raw(".hidden.gguf", b"GGUF")],
        &[raw("s-00002-of-00003.gguf", b"GGUF")],
        &[raw("s-00001-of-99999.gguf", b"GGUF")],
        &[
            raw("m.gguf", b"GGUF"),
            raw("mmproj-a.gguf", b"GGUF a"),
            raw("mmproj-b.gguf", b"GGUF b"),
        ],
        &[raw("m.gguf", b"GGUX")],
        &[raw("m.gguf", b"")],
        &[raw("m.gguf", gzip(b"GGUF"))],
        &[
            raw("m.gguf", b"GGUF"),
            raw("mmproj.gguf", tar(&[(Regular, "a", b"GGUF")])),
        ],
        &[raw("m.safetensors", b"\x28\xb5\x2f\xfd")],
        &[raw("m.dduf", b"PK")],
        &[raw("m.onnx", gzip(b"onnx"))],
        &[packed(tar(&[(Regular, "a", b"GGUF")]))],
        &[packed(tar(&[(Regular, "a-1-of-2.gguf", b"GGUF")]))],
        &[packed(tar(&[(Regular, "m.gguf", &gzip(b"GGUF"))]))],
        &[(
            "application/vnd.cncf.model.weight.v1.raw+encrypted",
            "m.gguf",
            b"x".to_vec(),
        )],
        &[raw("../m.gguf", b"GGUF")],
        &[
            raw("m.gguf", b"GGUF"),
            packed(tar(&[(Regular, "../config.json", b"GGUF")])),
        ],
        &[raw("m.gguf", b"GGUF"), raw("M.gguf", b"GGUF!")],
        &[docker("gguf.v3", "", b"GGUF"), docker("model.file", "", b"file")],
    ] {
        told += &none(layers);
    }
    assert_data_eq!(
        told,
        str![[r#"
3 error: there are no weights that an engine could open, nor any other file
  = help: without `--bundle`, the files are extracted whatever they are
3 error: there are no weights that an engine could open, but `3`, `4`, `5`, `6`, `README.md` and 1 more
  = help: without `--bundle`, the files are extracted whatever they are
3 error: there are no weights that an engine could open, but `.hidden.gguf`
  = help: without `--bundle`, the files are extracted whatever they are
3 error: `s-00002-of-00003.gguf` is one of 3 shards, and `s-00001-of-00003.gguf`, `s-00003-of-00003.gguf` are missing
  = help: nothing was extracted; build the artifact from all shards
3 error: `s-00001-of-99999.gguf` is one of 99999 shards, and `s-00002-of-99999.gguf`, `s-00003-of-99999.gguf`, `s-00004-of-99999.gguf`, `s-00005-of-99999.gguf`, `s-00006-of-99999.gguf` and 99993 more are missing
  = help: nothing was extracted; build the artifact from all shards
3 error: there are 2 projectors, and nothing says which one is the model's: `mmproj-a.gguf`, `mmproj-b.gguf`
  = help: nothing was extracted; leave the others out with `--exclude`
4 error: `m.gguf` is something else, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is empty, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.gguf` is compressed by gzip, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `mmproj.gguf` is a tar, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.safetensors` is compressed by zstd, not safetensors
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.dduf` is something else, not DDUF
  = help: nothing was extracted; build the artifact from the model's own files
4 error: `m.onnx` is compressed by gzip, not weights
  = help: nothing was extracted; build the artifact from the model's own files
3 error: there are no weights that an engine could open, but `a`
  = help: without `--bundle`, the files are extracted whatever they are
3 error: `a-1-of-2.gguf` is one of 2 shards, and `a-2-of-2.gguf` is missing
  = help: nothing was extracted; build the artifact from all shards
4 error: `m.gguf` is compressed by gzip, not GGUF
  = help: nothing was extracted; build the artifact from the model's own files
1 error: layer `m.gguf`: files cannot be got out of its media type `application/vnd.cncf.model.weight.v1.raw+encrypted`
  = help: nothing was extracted; leave the layer out with `--exclude`
4 error: layer `../m.gguf`: the path `../m.gguf` leads out of its directory by `..`
  = help: nothing was extracted; leave the layer out with `--exclude`, if you trust the rest
4 error: layer `packed`: the path `../config.json` leads out of its directory by `..`
  = help: nothing was extracted; leave the layer out with `--exclude`, if you trust the rest
4 error: layer `M.gguf`: `model/M.gguf` and `model/m.gguf` of layer sha256:b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd are one file where case or the form of characters does not count
  = help: nothing was extracted; leave one of them out with `--exclude`
4 error: layer sha256:3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80: nothing says which file it holds
  = help: nothing was extracted; `--include '**'` leaves out what has no name

"#]]
    );
}

/// What is in the place stays an engine's: a config is judged before a file is replaced.
#[test]
fn a_config_that_nobody_can_read_replaces_nothing() {
    let test = Test::new();
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let modelpack = r#"{"descriptor":{},"modelfs":{"type":"layers","diffIds":[]},"config":{"format":"gguf"}"#;
    let docker = DOCKER_CONFIG_V0_2;
    for (name, config_type, config) in [
        ("good", MODELPACK_CONFIG, format!("{modelpack}}}")),
        ("deep", MODELPACK_CONFIG, format!("{modelpack},\"x\":{deep}}}")),
        ("list", MODELPACK_CONFIG, "[]".to_owned()),
        ("docker list", docker, r#"{"config":["gguf"]}"#.to_owned()),
        (
            "docker float",
            docker,
            r#"{"config":{"format":"gguf","context_size":4096.5}}"#.to_owned(),
        ),
    ] {
        let layers = [(
            "application/vnd.cncf.model.weight.v1.raw",
            "m.gguf",
            &*format!("GGUF{name}"),
        )];
        layout(&test, name, config_type, |_| config.clone(), &layers);
    }
    let first = test.args(["extract", "--bundle", "-q", "good", "out"]).run();
    let before = snapshot(&first.dir().join("out"));
    let mut said = String::new();
    for name in ["deep", "list", "docker list", "docker float"] {
        for args in [&["extract", name, "out", "--bundle"][..], &["inspect", name]] {
            let run = first.then().args(args).command().output().unwrap();
            let stderr = String::from_utf8(run.stderr).unwrap();
            writeln!(
                said,
                "{} {}",
                run.status.code().unwrap(),
                stderr.lines().next().unwrap_or_default()
            )
            .unwrap();
        }
        assert_eq!(snapshot(&first.dir().join("out")), before, "{name}");
    }
    assert_same_text(
        said,
        str![[r#"
3 error: the config cannot be read: recursion limit exceeded at line 1 column 216
0 
3 error: `list`: the config is ambiguous: it is a list, and no object
3 error: `list`: the config is ambiguous: it is a list, and no object
3 error: `docker list`: the config is ambiguous: it has a list for `config`, which is an object
3 error: `docker list`: the config is ambiguous: it has a list for `config`, which is an object
3 error: `docker float`: the config cannot be read: invalid type: floating point `4096.5`, expected i64 at line 1 column 48
3 error: `docker float`: the config cannot be read: invalid type: floating point `4096.5`, expected i64 at line 1 column 48

"#]],
    );
}

/// Docker's layers need no names: where the config cannot be read, that is what is wrong.
#[test]
fn without_a_config_nothing_names_the_files() {
    let test = Test::new();
    let config = r#"{"config":{"format":"gguf","context_size":4096.5}}"#.to_owned();
    layout(
        &test,
        "a",
        DOCKER_CONFIG_V0_2,
        |_| config.clone(),
        &[(DOCKER_GGUF, "", "GGUF")],
    );
    test.args(["extract", "a", "out"])
        .status(3)
        .stderr(str![[r#"
error: `a`: the config cannot be read: invalid type: floating point `4096.5`, expected i64 at line 1 column 48

"#]])
        .run();
}

/// What nothing names can be left out, and be it of a type that nobody knows.
#[test]
fn what_has_no_name_is_left_out_as_advised() {
    let layers = [raw("m.gguf", b"GGUF"), ("application/x-foo", "", b"foo".to_vec())];
    for mode in ["--quiet", "--bundle"] {
        let test = artifact(MODELPACK_CONFIG, "{}", &layers);
        let output = test
            .args(["extract", "a", "out", mode])
            .status(4)
            .stderr(str![[r#"
error: layer sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae: nothing says which file it holds
  = help: nothing was extracted; `--include '**'` leaves out what has no name

"#]])
            .run();
        let output = output
            .then()
            .args(["extract", "a", "out", mode, "--include", "**"])
            .run();
        assert!(
            contents(&output.dir().join("out"))
                .keys()
                .any(|path| path.ends_with("m.gguf"))
        );
    }
}

#[test]
fn a_directory_that_is_no_bundle() {
    let test = Test::new()
        .file("b/config.json", "{}")
        .file("c/config.json", "{}")
        .file("c/model/x", "");
    let told = |name: &str| ModelBundle::open(&test.dir().join(name)).unwrap_err().to_string();
    assert!(told("none").ends_with("none` is no bundle: one has a `config.json` and a directory `model`"));
    assert!(told("b").contains("is no bundle"));
    assert_eq!(told("c"), "there are no weights that an engine could open, but `x`");
    // What is no file is no weights either.
    let root = test.dir();
    let mode = rustix::fs::Mode::RUSR;
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, root.join("c/model/fifo.gguf"), kind, mode, 0).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("c/model/link.gguf")).unwrap();
    assert_eq!(told("c"), "there are no weights that an engine could open, but `x`");
    fs_err::write(root.join("c/model/m.gguf"), "GGUF").unwrap();
    let config = fs_err::File::create(root.join("c/config.json")).unwrap();
    config.set_len(1 << 40).unwrap();
    assert!(told("c").ends_with("c/config.json` has more than 16777216 bytes"));
}

#[test]
fn without_weights_it_is_no_bundle() {
    let options = ["extract", "a", "out", "--bundle", "--no-weights"];
    let told: Output = Test::new().args(options).status(2).run();
    assert!(told.stderr.contains("cannot be used with"), "{}", told.stderr);
}
