//! What needs no layer does not ask what lies in its place.

use std::path::Path;

use snapbox::data::Inline;
use snapbox::str;

use super::{artifact, raw};
use crate::harness::{Output, Test, sha256};

/// What happens to a blob.
type Change = fn(&Path);

const DAMAGE: [Change; 4] = [
    |blob| fs_err::remove_file(blob).unwrap(),
    |blob| fs_err::write(blob, "more weights").unwrap(),
    |blob| fs_err::write(blob, "").unwrap(),
    |blob| {
        fs_err::remove_file(blob).unwrap();
        fs_err::create_dir(blob).unwrap();
    },
];

/// A model in `a` and in the tarball `a.tar`, whose weights `change` has changed, and another one in `b`.
fn models(change: Option<Change>) -> Output {
    let test = Test::new();
    let shared = raw("x.py", "code");
    artifact(&test, "b", &[raw("m.gguf", "WEIGHTS"), shared.clone()]);
    artifact(&test, "a", &[raw("m.gguf", "weights"), shared]);
    if let Some(change) = change {
        change(&test.dir().join("a/blobs").join(sha256(b"weights").replace(':', "/")));
    }
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_dir_all(".", test.dir().join("a")).unwrap();
    fs_err::write(test.dir().join("a.tar"), tar.into_inner().unwrap()).unwrap();
    test.args(["--version"]).run()
}

#[test]
fn a_layer_that_is_not_wanted_may_be_anything() {
    let commands: [&[&str]; 9] = [
        &["ls"],
        &["inspect"],
        &["inspect", "--layers"],
        &["inspect", "--config"],
        &["inspect", "--manifest"],
        &["inspect", "--html", "-"],
        &["diff", "b"],
        &["extract", "out", "-q", "--include", "*.py"],
        &["copy", "oci:copy:v1", "-q", "--exclude", "*.gguf"],
    ];
    // `extract` and `copy` have their places behind the source.
    let run = |output: &Output, command: &[&str], place: &str| {
        let (name, rest) = command.split_first().unwrap();
        let said = output.then().args([name, place]).args(rest).run();
        (said.stdout, said.stderr)
    };
    for place in ["a", "a.tar"] {
        let whole = models(None);
        // A tar that has something else than files where blobs are is none of a layout.
        for change in DAMAGE.into_iter().take(if place == "a" { 4 } else { 3 }) {
            let damaged = models(Some(change));
            for command in commands {
                let (expected, found) = (run(&whole, command, place), run(&damaged, command, place));
                assert_eq!(expected, found, "{command:?} {place}");
            }
            assert_eq!(fs_err::read_to_string(damaged.dir().join("out/x.py")).unwrap(), "code");
            fs_err::remove_dir_all(whole.dir().join("out")).unwrap();
            fs_err::remove_dir_all(whole.dir().join("copy")).unwrap();
        }
    }
}

#[test]
fn one_that_is_wanted_is_asked_for() {
    let table: [(&str, Change, Inline); 7] = [
        (
            "a",
            DAMAGE[0],
            str![[r#"
error: `a` lacks the blob of `m.gguf`
  = help: if only a part was pulled, the same `pull` without `--include`, `--exclude` and `--no-weights` brings the rest; else a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again

"#]],
        ),
        (
            "a",
            DAMAGE[1],
            str![[r#"
error: `a` is damaged: the blob sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c has 12 bytes instead of 7
  = help: `modelbuild verify a --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            "a",
            DAMAGE[2],
            str![[r#"
error: `a` is damaged: the blob sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c has 0 bytes instead of 7
  = help: `modelbuild verify a --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            "a",
            DAMAGE[3],
            str![[r#"
error: `a` is damaged: the blob sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c is not a file
  = help: `modelbuild verify a --repair SOURCE` fetches it from another layout, tarball or registry that has it whole

"#]],
        ),
        (
            "a.tar",
            DAMAGE[0],
            str![[r#"
error: `a.tar` lacks the blob of `m.gguf`
  = help: if only a part was pulled, the same `pull` without `--include`, `--exclude` and `--no-weights` brings the rest; else a layout is mended with `modelbuild verify LAYOUT --repair SOURCE`, or built or copied to another directory; a tarball is built or copied again

"#]],
        ),
        (
            "a.tar",
            DAMAGE[1],
            str![[r#"
error: `a.tar` is damaged: the blob sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c has 12 bytes instead of 7
  = help: build or copy it again

"#]],
        ),
        (
            "a.tar",
            DAMAGE[2],
            str![[r#"
error: `a.tar` is damaged: the blob sha256:9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c has 0 bytes instead of 7
  = help: build or copy it again

"#]],
        ),
    ];
    for (place, change, said) in table {
        let output = models(Some(change));
        let commands: [&[&str]; 3] = [
            &["extract", place, "out"],
            &["copy", place, "oci:copy:v1"],
            &["convert", "--spec", "docker", place, "oci:copy:v1"],
        ];
        for command in commands {
            output
                .then()
                .args(command)
                .args(["--progress", "none"])
                .status(4)
                .stderr(said.clone())
                .run();
        }
        assert!(!output.dir().join("out").exists() && !output.dir().join("copy/index.json").exists());
    }
}
