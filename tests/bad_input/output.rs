//! Places that cannot be written to.

use super::*;

#[test]
fn no_layout() {
    into_refused(
        model().file("out/notes", "mine"),
        "out",
        1,
        str![[r#"
error: `out` exists and is not an OCI layout (it has no file `oci-layout`); it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    into_refused(
        model().file("out/index.json", "{}"),
        "out",
        1,
        str![[r#"
error: `out` exists and is not an OCI layout (it has no file `oci-layout`); it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    into_refused(
        model().file("out", "mine"),
        "out",
        1,
        str![[r#"
error: `out` exists and is not a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    into_refused(
        model().symlink("gone", "out"),
        "out",
        1,
        str![[r#"
error: `out` is a symlink to nothing; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    into_refused(
        model().file("out", "mine"),
        "out/below",
        1,
        str![[r#"
error: cannot write the output: failed to query resolved metadata `out/below`: Not a directory (os error 20)
  = help: choose a place that you can write to with `-o`

"#]],
    );
    let test = model();
    fifo(&test.dir().join("out"));
    into_refused(
        test,
        "out",
        1,
        str![[r#"
error: `out` exists and is not a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
}

#[test]
fn no_tar() {
    into_refused(
        model().file("out.tar/notes", "mine"),
        "out.tar",
        1,
        str![[r#"
error: `out.tar` exists and is a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    let test = model();
    fifo(&test.dir().join("out.tar"));
    into_refused(
        test,
        "out.tar",
        1,
        str![[r#"
error: `out.tar` exists and is not a regular file; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
    into_refused(
        model(),
        "type=oci,dest=/dev/null",
        1,
        str![[r#"
error: `/dev/null` exists and is not a regular file; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
}

#[test]
fn the_context_or_above_it() {
    into_refused(
        model(),
        "m",
        3,
        str![[r#"
error: the output `m` holds the context `m`
  = help: write to a directory inside of the context, or to one beside it

"#]],
    );
    into_refused(
        model(),
        ".",
        3,
        str![[r#"
error: the output `.` holds the context `m`
  = help: write to a directory inside of the context, or to one beside it

"#]],
    );
    into_refused(
        model(),
        "m/..",
        3,
        str![[r#"
error: the output `m/..` holds the context `m`
  = help: write to a directory inside of the context, or to one beside it

"#]],
    );
}

#[test]
fn read_only() {
    if is_root() {
        let test = with_layout().by_nobody();
        into_refused(
            test,
            "out",
            1,
            str![[r#"
error: cannot write the output: cannot create a file in `out`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
        );
        into_refused(
            model().by_nobody(),
            "out/new",
            1,
            str![[r#"
error: cannot write the output: failed to create directory `out`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
        );
        into_refused(
            model().by_nobody(),
            "out.tar",
            1,
            str![[r#"
error: cannot write the output: cannot create a file in `.`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
        );
        refused(
            model().by_nobody().args(["build", "m"]),
            1,
            str![[r#"
error: cannot write the output: failed to create directory `m/dist`: Permission denied (os error 13)
  = help: choose a place that you can write to with `-o`

"#]],
        );
    }
}

#[test]
fn names_that_are_too_long() {
    let long = "long".repeat(64);
    let model = || model().file("m/Modelfile", format!("NAME {long}\nMODEL a.gguf\n"));
    build_refused(
        model(),
        2,
        str![[r#"
error: the model's name is too long for a directory in `dist`: 256 bytes, 255 are the most
  = help: choose a place with `-o`, or shorten `NAME`

"#]],
    );
    let told = str![[r#"
error: cannot write the output: failed to query resolved metadata `longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong`: File name too long (os error 36)
  = help: choose a shorter name with `-o`

"#]];
    into_refused(model(), &long, 1, told);
    let built = model().args(["build", "m", "-q", "-o", "out"]).run();
    layout::check(&built.dir().join("out"));
    model().args(["build", "m", "-q", "-n"]).run();
}

#[test]
fn what_a_killed_build_left_of_a_new_layout_is_taken_over() {
    let empty = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
    for name in ["out/.modelbuild-x1y2z3", "out/index.json"] {
        let output = model().file(name, empty).args(["build", "m", "-q", "-o", "out"]).run();
        assert_eq!(layout::check(&output.dir().join("out")).manifests.len(), 1);
    }
}

/// Nothing is damaged there: nothing was in it.
#[test]
fn what_a_killed_build_left_of_a_new_layout_is_no_layout_yet() {
    let empty = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}";
    for command in ["ls", "verify"] {
        refused(
            model().file("out/index.json", empty).args([command, "out"]),
            3,
            str![[r#"
error: `out` is no OCI layout yet: what was to make it was ended at once, and makes it when it is run again
  = help: name a layout directory (with `oci-layout` in it) or an uncompressed tar of one

"#]],
        );
    }
}

#[test]
fn a_second_output_that_is_refused_leaves_nothing_of_the_first() {
    let test = model().file("no", "mine");
    refused(
        test.args(["build", "m", "-o", "new/out", "-o", "no"]),
        1,
        str![[r#"
error: `no` exists and is not a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]],
    );
}

#[test]
fn files_beside_it_that_cannot_be_written() {
    let test = model().file("taken/a", "");
    let told = str![[r#"
error: cannot write `taken`: it is a directory
  = help: name a file

"#]];
    refused(test.args(["build", "m", "--metadata-file", "taken"]), 1, told);
    let test = model()
        .file("none", "")
        .args(["build", "m", "--iidfile", "none/digest"]);
    let told = str![[r#"
error: cannot write `none/digest`: `none` is not a directory
  = help: name a file in a directory that you can write to

"#]];
    refused(test, 1, told);
}

#[test]
fn a_pipe_beside_it_is_written_to() {
    let output = model().args(["build", "m", "-q", "--iidfile", "/dev/stderr"]).run();
    assert_eq!(output.stderr, output.text());
    assert!(fs_err::symlink_metadata("/dev/stderr").unwrap().is_symlink());
}
