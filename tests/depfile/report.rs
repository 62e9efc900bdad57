//! The file itself, and when there is none.

use snapbox::str;

use super::model;
use crate::harness::snapshot;
use crate::tiny::assert_same_text;

#[test]
fn everything_that_decides_the_result_is_in_it() {
    let built = model()
        .file("m/.modelignore", "old/\n")
        .file("m/old/b.py", "")
        .file("m/data/v1/c.py", "")
        .symlink("v1", "m/data/current")
        .symlink("data/current/c.py", "m/c.py")
        .args(["./m/", "-q", "-o", "out.tar", "-o", "oci:layout:v1", "-o", "-"])
        .args(["--iidfile", "iid", "--metadata-file=meta.json", "--depfile", "out.d"])
        .run();
    let text = fs_err::read_to_string(built.dir().join("out.d")).unwrap();
    assert_same_text(
        text,
        str![[r#"
out.tar layout/index.json meta.json iid: \
  m \
  m/.modelignore \
  m/Modelfile \
  m/a.gguf \
  m/c.py \
  m/code \
  m/code/a.py \
  m/data \
  m/data/current \
  m/data/current/c.py \
  m/data/v1 \
  m/data/v1/c.py
m:
m/.modelignore:
m/Modelfile:
m/a.gguf:
m/c.py:
m/code:
m/code/a.py:
m/data:
m/data/current:
m/data/current/c.py:
m/data/v1:
m/data/v1/c.py:

"#]],
    );
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let args = ["m", "-q", "-o", "out", "--depfile", "out.d"];
    let built = model().args(args).run();
    let read = || fs_err::read(built.dir().join("out.d")).unwrap();
    let first = read();
    built.then().args(args).args(["-j", "1"]).run();
    assert_eq!(first, read());
}

#[test]
fn a_modelfile_from_a_pipe_is_not_in_it() {
    let built = model()
        .stdin("NAME m\nMODEL a.gguf\n")
        .args(["m", "-f", "-", "-q", "-o", "out.tar", "--depfile", "out.d"])
        .run();
    let text = fs_err::read_to_string(built.dir().join("out.d")).unwrap();
    assert_same_text(
        text,
        str![[r#"
out.tar: \
  m \
  m/a.gguf
m:
m/a.gguf:

"#]],
    );
}

/// A later build would pack it otherwise.
#[test]
fn it_is_not_packed() {
    let args = ["m", "--dry-run", "-q", "--depfile", "m/code/d.py"];
    let before = model().args(args).run();
    let after = before.then().file("m/code/d.py", "").args(args).run();
    assert_eq!(before.text(), after.text());
}

#[test]
fn a_dry_run_writes_none() {
    let test = model();
    let before = snapshot(&test.dir());
    let built = test.args(["m", "--dry-run", "-q", "--depfile", "out.d"]).run();
    assert_eq!(before, snapshot(&built.dir()));
}

#[test]
fn an_output_without_a_name_has_no_rule() {
    model()
        .args(["m", "-o", "-", "--depfile", "out.d"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `--depfile` says what an output depends on, and none of these is a file
  = help: write a file with `-o`, or name one with `--iidfile`

"#]])
        .run();
}

#[test]
fn it_has_a_place_of_its_own() {
    for (place, expected) in [
        (
            "out.tar",
            str![[r#"
error: the output `out.tar` is given twice
  = help: give it once, or write each to a place of its own; `-t` gives an artifact several names

"#]],
        ),
        (
            "m/Modelfile",
            str![[r#"
error: `m/Modelfile` would be written over `m/Modelfile`, which is read
  = help: choose another place

"#]],
        ),
        (
            "-",
            str![[r#"
error: `-` is no file here
  = help: name a file, or take `--format json` for the same on standard output

"#]],
        ),
    ] {
        model()
            .args(["m", "-o", "out.tar", "--depfile", place])
            .status(2)
            .stderr(expected)
            .run();
    }
}

#[test]
fn names_that_nobody_can_read_are_refused_before_anything_is_read() {
    let test = model().file("m/a;b.py", "");
    let before = snapshot(&test.dir());
    let refused = test
        .args(["m", "-o", "out", "--depfile", "out.d"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `m/a;b.py` has no spelling that make and ninja could read in a dependency file
  = help: rename it, exclude it in `.modelignore`, or leave out `--depfile`

"#]])
        .run();
    assert_eq!(before, snapshot(&refused.dir()));
}

#[test]
fn names_that_one_tool_cannot_read_are_a_warning() {
    let test = model()
        .file("m/it's.py", "1")
        .file("m/what?.py", "2")
        .file("m/a (b)", "3")
        .file(
            "m/Modelfile",
            "NAME m\nFORMAT gguf\nMODEL *.gguf\nCODE **/*.py\nDOC \"a (b)\"\n",
        );
    let built = test
        .args(["m", "--progress=none", "-o", "a=b.tar", "--depfile", "out.d"])
        .stderr(str![[r#"
warning: make cannot read the output `a=b.tar` in a dependency file: it does not know what that depends on
  = help: rename it; ninja reads it as it is
warning: make cannot read the input `m/a (b)` in a dependency file: it builds every time
  = help: rename it; ninja reads it as it is
warning: ninja cannot read the input `m/it's.py` and 1 more in a dependency file: it builds every time
  = help: rename it; make reads it as it is, and newer versions of ninja may

"#]])
        .run();
    built
        .then()
        .args([
            "m",
            "--progress=none",
            "-o",
            "a=b.tar",
            "--depfile",
            "out.d",
            "--strict",
        ])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
warning: make cannot read the output `a=b.tar` in a dependency file: it does not know what that depends on
  = help: rename it; ninja reads it as it is
warning: make cannot read the input `m/a (b)` in a dependency file: it builds every time
  = help: rename it; ninja reads it as it is
warning: ninja cannot read the input `m/it's.py` and 1 more in a dependency file: it builds every time
  = help: rename it; make reads it as it is, and newer versions of ninja may
error: there are warnings, and `--strict` makes them errors

"#]])
        .run();
    let report = built
        .then()
        .args(["m", "--format=json", "-o", "out.tar", "--depfile", "out.d"])
        .run();
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["warnings"].as_array().unwrap().len(), 2);
}

#[test]
fn without_it_nothing_gets_another_time() {
    let args = ["m", "-q", "-o", "out"];
    let built = model().args(args).run();
    let before = snapshot(&built.dir());
    built.then().args(args).run();
    assert_eq!(before, snapshot(&built.dir()));
}
