//! What the reference tool gets wrong, and what happens here instead.

use std::path::PathBuf;

use snapbox::str;

use crate::harness::{Output, Test, snapshot};
use crate::tiny::{assert_same_text, manifest, paths};

/// A context of these files, each with its own name as content.
fn context(modelfile: &str, files: &[&str]) -> Test {
    files
        .iter()
        .fold(Test::new(), |test, file| test.file(file, file))
        .file("Modelfile", modelfile)
}

fn built(modelfile: &str, files: &[&str]) -> Output {
    context(modelfile, files).args(["-q", "-o", "out"]).run()
}

fn packed(modelfile: &str, files: &[&str]) -> Vec<String> {
    paths(&built(modelfile, files).dir().join("out"))
}

/// Runs a build that must be refused, and checks that it leaves everything as it was.
fn refused(modelfile: &str, files: &[&str]) -> String {
    let test = context(modelfile, files);
    let (dir, before) = (test.dir(), snapshot(&test.dir()));
    let failed = test.status(3).stdout("").run();
    assert_eq!(snapshot(&dir), before);
    failed.stderr
}

#[test]
fn row_1_datasets_are_packed() {
    let output = built("FORMAT gguf\nMODEL m.gguf\nDATASET d.csv\n", &["m.gguf", "d.csv"]);
    let layers = manifest(&output.dir().join("out"))["layers"].clone();
    assert_eq!(layers[1]["annotations"]["org.cncf.model.filepath"], "d.csv");
    assert_eq!(layers[1]["mediaType"], "application/vnd.cncf.model.dataset.v1.raw");
}

#[test]
fn row_2_tabs_byte_order_marks_and_long_lines_are_read() {
    let files = &["m.gguf", "a b.gguf"];
    assert_eq!(packed("MODEL\tm.gguf\t\n", files), ["m.gguf"]);
    assert_eq!(packed("\u{feff}MODEL m.gguf\r\n", files), ["m.gguf"]);
    let long = format!(
        "# {}\nMODEL m.gguf {}\nMODEL \"a b.gguf\"\n",
        "x".repeat(70_000),
        " ".repeat(70_000)
    );
    assert_eq!(packed(&long, files), ["a b.gguf", "m.gguf"]);
}

#[test]
fn row_3_errors_show_the_place_and_what_was_meant() {
    let errors = refused("NAME x\n\n  MODELS m.gguf\nMODEL m.gguf\nNAME y\n", &["m.gguf"]);
    assert_same_text(
        errors,
        str![[r#"
error: unknown keyword `MODELS`
 --> Modelfile:3:3
  |
3 |   MODELS m.gguf
  |   ^^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

error: `NAME` is stated twice
 --> Modelfile:5:1
  |
1 | NAME x
  | ---- stated first
...
5 | NAME y
  | ^^^^ stated again
  |
  = help: keep one of them


"#]],
    );
}

#[test]
fn row_4_patterns_mean_what_they_say() {
    let files = &["a.gguf", "b.gguf", "sub/c.gguf", "sub/sub/d.gguf", "[x].gguf", "x.gguf"];
    assert_eq!(
        packed("MODEL *.gguf\n", files),
        ["[x].gguf", "a.gguf", "b.gguf", "x.gguf"]
    );
    assert_eq!(packed("MODEL sub/**\n", files), ["sub/c.gguf", "sub/sub/d.gguf"]);
    assert_eq!(packed("MODEL **/d.gguf\n", files), ["sub/sub/d.gguf"]);
    assert_eq!(packed("MODEL {a,sub/c}.gguf\n", files), ["a.gguf", "sub/c.gguf"]);
    assert_eq!(packed("MODEL [x].gguf\n", files), ["x.gguf"]);
    assert_eq!(packed("MODEL \\[x].gguf\n", files), ["[x].gguf"]);
    assert_eq!(packed("MODEL \"[x].gguf\"\n", files), ["[x].gguf"]);
}

#[test]
fn row_4_the_context_s_own_path_is_no_pattern() {
    let output = Test::new()
        .file("[a]*{b}/Modelfile", "NAME x\nFORMAT gguf\nMODEL *.gguf\n")
        .file("[a]*{b}/m.gguf", "1")
        .file("a/other.gguf", "2")
        .args(["-q", "[a]*{b}", "-o", "out"])
        .run();
    assert_eq!(paths(&output.dir().join("out")), ["m.gguf"]);
}

#[test]
fn row_5_a_pattern_without_matches_is_an_error() {
    let errors = refused("MODEL *.safetensors\nDOC REDME.md\n", &["m.gguf", "README.md"]);
    assert_same_text(
        errors,
        str![[r#"
error: no file matches `*.safetensors`
 --> Modelfile:1:7
  |
1 | MODEL *.safetensors
  |       ^^^^^^^^^^^^^

error: `REDME.md` does not exist
 --> Modelfile:2:5
  |
2 | DOC REDME.md
  |     ^^^^^^^^
  |
  = help: did you mean `README.md`?


"#]],
    );
}

#[test]
fn row_5_a_directory_means_all_files_below() {
    assert_eq!(packed("MODEL w\n", &["w/a", "w/b/c", "other"]), ["w/a", "w/b/c"]);
    assert_eq!(packed("MODEL w/\n", &["w/a", "w/b/c", "other"]), ["w/a", "w/b/c"]);
}

#[test]
fn row_6_nothing_outside_of_the_context_is_packed() {
    let test = context("MODEL ../secret\nDOC /etc/hostname link\n", &["m.gguf"]).symlink("/etc/passwd", "link");
    fs_err::write(test.dir().join("../secret"), "x").unwrap();
    let (dir, before) = (test.dir(), snapshot(&test.dir()));
    let _failed = test
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: cannot use `../secret` as a path
 --> Modelfile:1:7
  |
1 | MODEL ../secret
  |       ^^^^^^^^^ `..` leaves the context
  |
  = help: only files in the context directory are packed; paths are relative to it

error: cannot use `/etc/hostname` as a path
 --> Modelfile:2:5
  |
2 | DOC /etc/hostname link
  |     ^^^^^^^^^^^^^ this absolute path lies outside of the context
  |
  = help: only files in the context directory are packed; paths are relative to it

error: `link` is a symlink to `/etc/passwd`, outside of the context
 --> Modelfile:2:19
  |
2 | DOC /etc/hostname link
  |                   ^^^^
  |
  = help: put the file itself into the context, or exclude the link in `.modelignore`


"#]])
        .run();
    assert_eq!(snapshot(&dir), before);
}

#[test]
fn row_7_a_file_is_one_layer() {
    assert_eq!(packed("MODEL m.gguf *.gguf\nMODEL ./m.gguf\n", &["m.gguf"]), ["m.gguf"]);
    let errors = refused("NAME x\nMODEL *\nDOC README.md\n", &["m.gguf", "README.md"]);
    assert_same_text(
        errors,
        str![[r#"
error: `README.md` is matched by `MODEL` and by `DOC`
 --> Modelfile:3:5
  |
2 | MODEL *
  |       - `MODEL` here
3 | DOC README.md
  |     ^^^^^^^^^ `DOC` here
  |
  = help: a file is one layer of one kind: narrow one of the two


"#]],
    );
}

#[test]
fn row_8_the_modelfile_lies_in_the_context() {
    let output = context("FORMAT gguf\nMODEL wrong.gguf\n", &["wrong.gguf"])
        .file("model/Modelfile", "FORMAT gguf\nMODEL right.gguf\n")
        .file("model/right.gguf", "")
        .args(["-q", "model", "-o", "out"])
        .run();
    assert_eq!(paths(&output.dir().join("out")), ["right.gguf"]);
}

#[test]
fn row_9_a_modelfile_that_names_no_file_is_an_error() {
    assert_same_text(
        refused("", &["m.gguf"]),
        str![[r#"
error: the Modelfile is empty
 --> Modelfile:1:1
  |
1 |
  | ^ no keyword to be found
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`


"#]],
    );
    assert_same_text(
        refused("# nothing\n\nNAME x\n", &["m.gguf"]),
        str![[r#"
error: the Modelfile states no file
 --> Modelfile:3:7
  |
3 | NAME x
  |       ^ no line up to here names one
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`


"#]],
    );
}

/// Until a command writes Modelfiles: what it will have to write is read as meant.
#[test]
fn row_10_any_name_can_be_written() {
    let names = [
        "a[1].gguf",
        "b*.gguf",
        "c{d,e}.gguf",
        "f g\".gguf",
        "h\\i.gguf",
        "#j.gguf",
        "'k'.gguf",
        "!l",
        "m?",
    ];
    let quoted = |name: &&str| format!("MODEL \"{}\"\n", name.replace('\\', "\\\\").replace('"', "\\\""));
    let modelfile: String = names.iter().map(quoted).collect();
    // What the names would match as patterns is there too.
    let decoys = ["a1.gguf", "bx.gguf", "cd.gguf", "ce.gguf", "mx"];
    let mut found = packed(&modelfile, &[&names[..], &decoys].concat());
    found.sort();
    let mut expected = names.map(PathBuf::from);
    expected.sort();
    assert_eq!(found.iter().map(PathBuf::from).collect::<Vec<_>>(), expected);
}
