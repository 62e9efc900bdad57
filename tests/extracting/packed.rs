//! Layers that are tars, as other tools make them.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};

use serde_json::json;
use snapbox::str;
use tar::EntryType::{Directory, Regular, Symlink};

use super::{Layer, WEIGHT, artifact, described, packed, tar};
use crate::blocks::header;
use crate::harness::{Test, tree};
use crate::layout::contents;
use crate::oracle::oracle;
use crate::serving::noise;
use crate::tiny::assert_same_text;

/// What another program makes of bytes.
fn through(program: &str, args: &[&str], bytes: &[u8]) -> Option<Vec<u8>> {
    oracle(program)?;
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = bytes.to_owned();
    let feeding = std::thread::spawn(move || stdin.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    assert!(output.status.success());
    Some(output.stdout)
}

fn layer(encoding: &str, bytes: Vec<u8>) -> (String, Vec<u8>) {
    (format!("{WEIGHT}.{encoding}"), bytes)
}

/// Large enough for a thread of its own, and small enough for none.
#[test]
fn by_the_programs_that_everybody_has() {
    for size in [100_000, 3_000_000] {
        let test = Test::new()
            .file("m/w.bin", noise(size))
            .file("m/a/b/c", "deep\n")
            .file("m/empty", "")
            .file(format!("m/{}/{}", "x".repeat(120), "y".repeat(200)), "a long name\n")
            .file("m/été", "accents\n");
        let Some(tar) = oracle("tar") else { return };
        for format in ["gnu", "ustar", "pax", "v7"] {
            let format = format!("--format={format}");
            // v7 and ustar have no room for the long name.
            let left_out = if format.ends_with('7') || format.ends_with("ustar") {
                "xxx*"
            } else {
                "none"
            };
            let args = ["-cf", "-", &format, "--exclude", left_out, "-C", "m", "."];
            let bytes = tar.approve(&test.dir(), args);
            let blobs = [
                Some(layer("tar", bytes.clone())),
                through("gzip", &["-c"], &bytes).map(|bytes| layer("tar+gzip", bytes)),
                through("zstd", &["-c", "-q"], &bytes).map(|bytes| layer("tar+zstd", bytes)),
            ];
            for (media_type, bytes) in blobs.into_iter().flatten() {
                artifact(&test, "a", &[(&media_type, "packed", bytes)]);
                let run = Command::new(env!("CARGO_BIN_EXE_modelbuild"))
                    .args(["extract", "-q", "a", "out", "--no-cache"])
                    .current_dir(test.dir())
                    .output()
                    .unwrap();
                assert!(run.status.success(), "{media_type} {run:?}");
                let mut expected = contents(&test.dir().join("m"));
                expected.retain(|path, _| left_out == "none" || !path.starts_with("xxx"));
                assert_eq!(contents(&test.dir().join("out")), expected, "{format} {media_type}");
                fs_err::remove_dir_all(test.dir().join("out")).unwrap();
                fs_err::remove_dir_all(test.dir().join("a")).unwrap();
            }
        }
    }
}

/// Several members or frames one after the other, and zstd's frames that are to be skipped.
#[test]
fn in_pieces() {
    let test = Test::new();
    let bytes = tar(&[(Regular, "w.bin", &noise(200_000))]);
    let (one, other) = bytes.split_at(100_000);
    let mut layers: Vec<(String, Vec<u8>)> = Vec::new();
    if let (Some(one), Some(other)) = (through("gzip", &["-c"], one), through("gzip", &["-c"], other)) {
        layers.push(layer("tar+gzip", [one, other].concat()));
    }
    if let (Some(one), Some(other)) = (
        through("zstd", &["-c", "-q"], one),
        through("zstd", &["-c", "-q"], other),
    ) {
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
        layers.push(layer(
            "tar+zstd",
            [skipped.clone(), one, skipped.clone(), other, skipped].concat(),
        ));
    }
    let mut last = test;
    for (media_type, bytes) in layers {
        artifact(&last, "a", &[(&media_type, "packed", bytes)]);
        let out = last.args(["extract", "-q", "a", "out"]).run();
        assert_eq!(fs_err::read(out.dir().join("out/w.bin")).unwrap(), noise(200_000));
        for dir in ["a", "out"] {
            fs_err::remove_dir_all(out.dir().join(dir)).unwrap();
        }
        last = out.then();
    }
}

#[test]
fn what_a_tar_states_of_its_files() {
    let test = Test::new();
    let mut bytes = tar(&[(Directory, "./", b""), (Directory, "d/", b""), (Regular, "./d/a", b"1")]);
    // Before there was a type for directories.
    let old = header("old-directory/", 0, 0, |_| {});
    bytes.splice(bytes.len() - 1024..bytes.len() - 1024, old);
    artifact(&test, "a", &[packed(bytes)]);
    let out = test.args(["extract", "-q", "a", "out"]).run();
    assert_eq!(
        tree(&out.dir().join("out")),
        "0755        0 d/\n0755        1 d/a\n0755        0 old-directory/\n"
    );
    let metadata = fs_err::metadata(out.dir().join("out/d/a")).unwrap();
    assert_eq!(metadata.mtime(), 1_000_000_000);
}

/// By the media types that container images, Docker's models, `KitOps` and oras have.
#[test]
fn under_every_name() {
    let bytes = tar(&[(Regular, "d/a", b"1")]);
    let through = |program| through(program, &["-c"], &bytes);
    let (Some(gzip), Some(zstd)) = (through("gzip"), through("zstd")) else {
        return;
    };
    for (media_type, bytes) in [
        ("application/vnd.oci.image.layer.v1.tar", &bytes),
        ("application/vnd.oci.image.layer.v1.tar+gzip", &gzip),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", &gzip),
        ("application/vnd.docker.image.rootfs.diff.tar.zstd", &zstd),
        ("application/vnd.docker.ai.dir.tar", &bytes),
        ("application/vnd.docker.ai.vllm.config.tar", &bytes),
        ("application/vnd.kitops.modelkit.dataset.v1.tar+gzip", &gzip),
        ("application/vnd.cnai.model.weight.v1.tar", &bytes),
        ("application/x-whatever.tar+gzip", &gzip),
    ] {
        let test = Test::new();
        described(&test, "a", &[(media_type, json!({}), bytes.clone())]);
        let out = test.args(["extract", "-q", "a", "out"]).run();
        assert_eq!(fs_err::read(out.dir().join("out/d/a")).unwrap(), b"1", "{media_type}");
    }
}

/// What a layer of a container image takes away from those below it would be there all the same.
#[test]
fn an_image_that_takes_files_away_is_refused() {
    for name in ["d/.wh.a", "d/.wh..wh..opq"] {
        let test = Test::new();
        let layer = |entries: &[_]| ("application/vnd.oci.image.layer.v1.tar", json!({}), tar(entries));
        let layers = [layer(&[(Regular, "d/a", b"1")]), layer(&[(Regular, name, b"")])];
        described(&test, "a", &layers);
        let out = test.args(["extract", "a", "out"]).status(4).run();
        assert!(!out.dir().join("out/d").exists(), "{name}");
        let said = out.stderr.replace(name, "[NAME]");
        assert_same_text(
            said,
            str![[r#"
error: layer sha256:[..]: its entry `[NAME]` is the mark of a container image that a file is gone; only files and directories are extracted
  = help: nothing was extracted; leave the entry or its layer out with `--exclude`, if you trust the rest

"#]],
        );
    }
    // Of other dialects it is a name like any other.
    let test = Test::new();
    let layer = (
        "application/vnd.docker.ai.dir.tar",
        json!({}),
        tar(&[(Regular, "d/.wh.a", b"1")]),
    );
    described(&test, "a", &[layer]);
    test.args(["extract", "-q", "a", "out"]).run();
}

/// Images have symlinks in places that nobody wants.
#[test]
fn what_is_left_out_of_an_image_may_be_anything() {
    let image = |link: &str| {
        let test = Test::new();
        let layer = |entries: &[_]| ("application/vnd.oci.image.layer.v1.tar", json!({}), tar(entries));
        let layers = [
            layer(&[(Regular, "bin/sh", b"#!"), (Symlink, link, b"")]),
            layer(&[(Regular, "models/m.gguf", b"GGUF")]),
        ];
        described(&test, "a", &layers);
        test.args(["extract", "a", "out"])
    };
    for args in [
        ["--include", "models/**"],
        ["--include", "m.gguf"],
        ["--exclude", "/bin"],
        ["--exclude", "ls"],
    ] {
        let out = image("bin/ls").args(args).run();
        assert_eq!(
            fs_err::read(out.dir().join("out/models/m.gguf")).unwrap(),
            b"GGUF",
            "{args:?}"
        );
        assert!(!out.dir().join("out/bin/ls").is_symlink(), "{args:?}");
    }
    // What would have been in the way of what is wanted: without it this is another tree.
    for (link, args) in [
        ("bin/ls", &[][..]),
        ("bin/ls", &["--exclude", "/models"]),
        ("models", &["--include", "models/**"]),
        ("MODELS", &["--include", "m.gguf"]),
    ] {
        let out = image(link).args(args).status(4).run();
        assert!(!out.dir().join("out").exists(), "{args:?}");
        assert_same_text(
            out.stderr.replace(link, "[NAME]"),
            str![[r#"
error: layer sha256:[..]: its entry `[NAME]` is a symlink; only files and directories are extracted
  = help: nothing was extracted; leave the entry or its layer out with `--exclude`, if you trust the rest

"#]],
        );
    }
}

/// All twenty of the specification: five kinds, each in four encodings.
#[test]
fn in_every_kind_and_encoding_of_the_specification() {
    let bytes = tar(&[(Regular, "d/a", b"1")]);
    let (Some(gzip), Some(zstd)) = (through("gzip", &["-c"], &bytes), through("zstd", &["-qc"], &bytes)) else {
        return;
    };
    for kind in ["weight", "weight.config", "code", "doc", "dataset"] {
        for (encoding, bytes) in [
            ("raw", &b"1".to_vec()),
            ("tar", &bytes),
            ("tar+gzip", &gzip),
            ("tar+zstd", &zstd),
        ] {
            let test = Test::new();
            let media_type = format!("application/vnd.cncf.model.{kind}.v1.{encoding}");
            artifact(&test, "a", &[(&media_type, "d/a", bytes.clone())]);
            let out = test.args(["extract", "-q", "a", "out"]).run();
            assert_eq!(fs_err::read(out.dir().join("out/d/a")).unwrap(), b"1", "{media_type}");
        }
    }
}

/// What is in a file that only has the name of a tar, or a type that nobody knows, is the file's own.
#[test]
fn a_file_stays_a_file() {
    let test = Test::new();
    let layers: [Layer<'_>; 2] = [
        (
            "application/vnd.cncf.model.dataset.v1.raw",
            "data.tar",
            tar(&[(Regular, "d/a", b"1")]),
        ),
        ("application/x-whatever", "b.bin", b"2".to_vec()),
    ];
    artifact(&test, "a", &layers);
    let out = test.args(["extract", "-q", "a", "out"]).run();
    assert_eq!(fs_err::read(out.dir().join("out/data.tar")).unwrap(), layers[0].2);
    assert_eq!(fs_err::read(out.dir().join("out/b.bin")).unwrap(), b"2");
}
