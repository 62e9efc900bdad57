//! Patterns hold for the files inside of tars, as they do for those that are layers.

use serde_json::json;
use snapbox::{assert_data_eq, str};
use tar::EntryType::{Directory, Regular};

use super::{WEIGHT, described, tar};
use crate::foreign::annotated;
use crate::harness::{Test, redact_times, sha256};
use crate::layout::contents;

/// A file, a tar of the directory `docs`, one that does not say what it is of, and one of a single file.
fn mixed() -> Test {
    let test = Test::new();
    let docs = tar(&[
        (Directory, "docs/", b""),
        (Regular, "docs/a.md", b"1"),
        (Regular, "docs/b.json", b"2"),
        (Directory, "docs/empty/", b""),
    ]);
    let more = tar(&[(Regular, "c.md", b"3"), (Regular, "d/e.json", b"4")]);
    let one = tar(&[(Regular, "f.json", b"5")]);
    let path = |path: &str| json!({"org.cncf.model.filepath": path});
    let file = json!({
        "org.cncf.model.filepath": "f.gguf",
        "org.cncf.model.file.metadata+json": r#"{"name":"f.gguf","typeflag":0}"#,
    });
    let packed = format!("{WEIGHT}.tar");
    let layers = [
        (
            "application/vnd.cncf.model.weight.v1.raw",
            path("m.gguf"),
            b"GGUF".to_vec(),
        ),
        (&packed, path("docs"), docs),
        (&packed, json!({}), more),
        (&packed, file, one),
    ];
    described(&test, "a", &layers);
    test
}

#[test]
fn what_comes_out_of_tars() {
    let mut last = mixed();
    for (args, files) in [
        (
            &["--exclude", "*.md"][..],
            &["d", "d/e.json", "docs", "docs/b.json", "docs/empty", "f.json", "m.gguf"][..],
        ),
        (&["--exclude", "docs", "--exclude", "d/"], &["c.md", "f.json", "m.gguf"]),
        // That it is a directory's is said nowhere, but that it is a file's is.
        (&["--include", "*.json"], &["d", "d/e.json", "docs", "docs/b.json"]),
        (
            &["--include", "docs", "--exclude", "*.md"],
            &["docs", "docs/b.json", "docs/empty"],
        ),
        (&["--include", "f.gguf"], &["f.json"]),
        (&["--include", "/c.md"], &["c.md"]),
        (&["--include", "docs/empty/"], &["docs", "docs/empty"]),
        (
            &["--include", "docs/"],
            &["docs", "docs/a.md", "docs/b.json", "docs/empty"],
        ),
        (
            &["--exclude", "empty/", "--exclude", "*.md/", "--include", "docs"],
            &["docs", "docs/a.md", "docs/b.json"],
        ),
    ] {
        let out = last.args(["extract", "-q", "a", "out"]).args(args).run();
        let found: Vec<_> = contents(&out.dir().join("out")).into_keys().collect();
        assert_eq!(found, files, "{args:?}");
        fs_err::remove_dir_all(out.dir().join("out")).unwrap();
        last = out.then();
    }
}

#[test]
fn in_a_bundle_too() {
    let out = mixed()
        .args([
            "extract",
            "-q",
            "--bundle",
            "a",
            "out",
            "--exclude",
            "*.md",
            "--no-cache",
        ])
        .run();
    let found: Vec<_> = contents(&out.dir().join("out")).into_keys().collect();
    let files = ["d", "d/e.json", "docs", "docs/b.json", "docs/empty", "f.json", "m.gguf"];
    let files = files.map(|file| format!("model/{file}"));
    let top = ["config.json", "model"].map(String::from);
    assert_eq!(found, [&top[..], &files].concat());
}

/// A pattern with a mistake in it looks like success otherwise.
#[test]
fn patterns_that_leave_nothing_of_any_tar_are_told() {
    let mut last = mixed();
    let mut told = String::new();
    for args in [
        &["--include", "*.jsn"][..],
        &["--include", "a.md", "--exclude", "docs/*.md"],
        &["--include", "docs", "--exclude", "docs/?*", "--exclude", "docs/"],
        &["--include", "more", "--exclude", "docs/"],
    ] {
        let out = last
            .args(["extract", "a", "new/out"])
            .args(args)
            .status(3)
            .stdout("")
            .run();
        assert!(!out.dir().join("new").exists(), "{args:?}");
        told += &out.stderr;
        last = out.then();
    }
    assert_data_eq!(
        told,
        str![[r#"
error: no file of `a` matches `*.jsn`
  = help: it has `m.gguf`, `docs`, `sha256:93fed5840e5bcbf8547abcc741864d9a59987846ab8d0f28bfa6b2061b989666`, `f.gguf`; `modelbuild inspect` lists the paths of its layers
error: no file of `a` is left by `--include a.md`, `--exclude docs/*.md`
  = help: it has `m.gguf`, `docs`, `sha256:93fed5840e5bcbf8547abcc741864d9a59987846ab8d0f28bfa6b2061b989666`, `f.gguf`; `modelbuild inspect` lists the paths of its layers
error: no file of `a` is left by `--include docs`, `--exclude docs/?*`, `--exclude docs/`
  = help: it has `m.gguf`, `docs`, `sha256:93fed5840e5bcbf8547abcc741864d9a59987846ab8d0f28bfa6b2061b989666`, `f.gguf`; `modelbuild inspect` lists the paths of its layers
error: no file of `a` matches `more`
  = help: it has `m.gguf`, `docs`, `sha256:93fed5840e5bcbf8547abcc741864d9a59987846ab8d0f28bfa6b2061b989666`, `f.gguf`; `modelbuild inspect` lists the paths of its layers

"#]]
    );
}

/// Those that match nothing are named, though others do; not where the tar that they may mean was not read.
#[test]
fn one_of_several_patterns_that_matches_nothing_is_told() {
    let mut last = mixed();
    let mut told = String::new();
    for args in [
        &["--include", "docs", "--include", "*.jsn"][..],
        &["--include", "docs", "--include", "docs/a.md", "--include", "d/*.json"],
        &["--include", "m.gguf", "--include", "b.md", "--include", "c.jsn"],
        &["--include", "m.gguf", "--include", "docs/none", "--exclude", "docs"],
    ] {
        let out = last.args(["extract", "a", "out"]).args(args).run();
        told += &redact_times(&out.stderr);
        fs_err::remove_dir_all(out.dir().join("out")).unwrap();
        last = out.then();
    }
    assert_data_eq!(
        told,
        str![[r#"
extracted `a` to `out` in [TIME]: 2 files, 2 B; 2 written
warning: no file of `a` matches `*.jsn`
  = help: it has `m.gguf`, `docs`, `sha256:93fed5840e5bcbf8547abcc741864d9a59987846ab8d0f28bfa6b2061b989666`, `f.gguf`; `modelbuild inspect` lists the paths of its layers
extracted `a` to `out` in [TIME]: 3 files, 3 B; 3 written
extracted `a` to `out` in [TIME]: 1 file, 4 B; 1 written
warning: no file of `a` matches `b.md` or `c.jsn`
  = help: it has `m.gguf`, `docs`, `sha256:93fed5840e5bcbf8547abcc741864d9a59987846ab8d0f28bfa6b2061b989666`, `f.gguf`; `modelbuild inspect` lists the paths of its layers
extracted `a` to `out` in [TIME]: 1 file, 4 B; 1 written

"#]]
    );
}

/// Before hours of fetching, where no tar is wanted in which it could be.
#[test]
fn where_no_tar_is_read_a_pattern_that_matches_nothing_is_told_at_once() {
    let test = Test::new();
    let raw = |path: &str| {
        let media_type = "application/vnd.cncf.model.weight.v1.raw";
        (
            media_type,
            json!({"org.cncf.model.filepath": path}),
            path.as_bytes().to_vec(),
        )
    };
    described(&test, "a", &[raw("m.gguf"), raw("n.gguf")]);
    let args = ["extract", "a", "out", "--include", "*.gguf", "--include", "*.jsn"];
    let out = test
        .args(args)
        .stderr(str![[r#"
warning: no file of `a` matches `*.jsn`
  = help: it has `m.gguf`, `n.gguf`; `modelbuild inspect` lists the paths of its layers
extracted `a` to `out` in [TIME]: 2 files, 12 B; 2 written

"#]])
        .run();
    out.then().args(args).args(["-q"]).stderr("").run();
}

/// Only directories are in the tar, or are left of it.
#[test]
fn directories_alone_are_said_to_be() {
    let test = Test::new();
    let only = tar(&[(Directory, "docs/", b""), (Regular, "docs/a.md", b"1")]);
    described(&test, "a", &[(&format!("{WEIGHT}.tar"), json!({}), only)]);
    let out = test.args(["extract", "a", "out", "--exclude", "*.md"]).run();
    let found: Vec<_> = contents(&out.dir().join("out")).into_keys().collect();
    assert_eq!(found, ["docs"]);
    assert!(
        out.stderr
            .contains("note: no file was extracted: the patterns leave only directories"),
        "{}",
        out.stderr
    );
    let none = out
        .then()
        .args(["extract", "a", "other", "--exclude", "*.md", "--exclude", "docs/"]);
    none.status(3).stdout("").stderr(str![[r#"
error: no file of `a` is left by `--exclude *.md`, `--exclude docs/`
  = help: it has `sha256:2d9e853c1376f052eeb7604dd3f77050a340ae5fa789e0e08d7759cdb8372fa1`; `modelbuild inspect` lists the paths of its layers

"#]]).run();
}

/// A `ModelKit` of weights that nobody has any more and of a tokenizer, in tars of which only its Kitfile says what they hold.
fn kit() -> Test {
    let test = Test::new();
    let layers = [
        (
            "application/vnd.kitops.modelkit.model.v1.tar",
            json!({}),
            tar(&[(Regular, "m.gguf", b"GGUF")]),
        ),
        (
            "application/vnd.kitops.modelkit.modelpart.v1.tar",
            json!({}),
            tar(&[(Regular, "tokenizer.json", b"{}")]),
        ),
    ];
    let kitfile = |digests: &[String]| {
        let part = json!({"path": "./tokenizer.json", "digest": digests[1]});
        json!({"model": {"path": "./m.gguf", "digest": digests[0], "parts": [part]}}).to_string()
    };
    let kit = "application/vnd.kitops.modelkit.config.v1+json";
    annotated(&test, "a", kit, kitfile, &layers);
    let weights = sha256(&layers[0].2);
    let blobs = test.dir().join("a/blobs/sha256");
    fs_err::remove_file(blobs.join(weights.trim_start_matches("sha256:"))).unwrap();
    test
}

#[test]
fn a_path_that_only_the_config_says_counts() {
    let mut last = kit();
    for args in [["--include", "tokenizer.json"], ["--exclude", "m.gguf"]] {
        let out = last.args(["extract", "-q", "a", "out"]).args(args).run();
        let found: Vec<_> = contents(&out.dir().join("out")).into_keys().collect();
        assert_eq!(found, ["tokenizer.json"], "{args:?}");
        fs_err::remove_dir_all(out.dir().join("out")).unwrap();
        last = out.then();
    }
    last.args(["extract", "a", "out", "--exclude", "*"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: no layer of `a` is left by `--exclude *`
  = help: it has `m.gguf`, `tokenizer.json`; `modelbuild inspect` lists the paths of its layers

"#]])
        .run();
}

/// Where the media type leaves it open, the file's name says what it is, as `inspect` lists it; only the Kitfile has that
/// of a `ModelKit`. A layer of which nothing says it may hold weights.
#[test]
fn weights_are_what_inspect_lists_as_such() {
    let test = Test::new();
    let title = |title: &str| json!({"org.opencontainers.image.title": title});
    let oras = [
        ("text/plain", title("NOTES.md"), b"notes".to_vec()),
        ("text/plain", title("vocabulary.txt"), b"a b c".to_vec()),
        ("application/octet-stream", title("model.gguf"), b"GGUF".to_vec()),
        ("application/octet-stream", title("mmproj.gguf"), b"GGUF2".to_vec()),
        (
            "application/vnd.oci.image.layer.v1.tar",
            title("a.onnx"),
            b"onnx".to_vec(),
        ),
    ];
    annotated(
        &test,
        "oras",
        "application/vnd.acme.config+json",
        |_| "{}".to_owned(),
        &oras,
    );
    let part = |path: &str| {
        (
            "application/vnd.kitops.modelkit.modelpart.v1.tar",
            json!({}),
            tar(&[(Regular, path, path.as_bytes())]),
        )
    };
    let parts = [part("adapter.gguf"), part("tokenizer.json")];
    let kitfile = |digests: &[String]| {
        let parts = [("./adapter.gguf", &digests[0]), ("./tokenizer.json", &digests[1])];
        let parts = parts.map(|(path, digest)| json!({"path": path, "digest": digest}));
        json!({"model": {"path": "./m.gguf", "parts": parts}}).to_string()
    };
    let kit = "application/vnd.kitops.modelkit.config.v1+json";
    annotated(&test, "kit", kit, kitfile, &parts);
    described(
        &test,
        "unknown",
        &[
            ("application/x-acme", json!({}), b"anything".to_vec()),
            (
                "application/vnd.cncf.model.doc.v1.raw",
                title("README"),
                b"read".to_vec(),
            ),
        ],
    );
    let mut last = test.args(["--version"]).run();
    for (from, files) in [
        ("oras", &["NOTES.md", "vocabulary.txt"][..]),
        ("kit", &["tokenizer.json"]),
        ("unknown", &["README"]),
    ] {
        let out = format!("{from}-out");
        last = last.then().args(["extract", "-q", "--no-weights", from, &out]).run();
        let found: Vec<_> = contents(&last.dir().join(out)).into_keys().collect();
        assert_eq!(found, files, "{from}");
    }
}
