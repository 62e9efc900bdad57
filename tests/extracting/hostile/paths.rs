//! Paths that lead elsewhere, and paths that are in each other's way.

use serde_json::json;
use tar::EntryType;

use super::super::{CONFIG, packed, raw, tar};
use super::{attempt, by_each_way, refused, taken};
use crate::foreign::layout;
use crate::harness::{Test, sha256};
use crate::tiny::assert_same_text;

#[test]
fn paths_that_lead_elsewhere() {
    let (long, deep) = ("x".repeat(256), "x/".repeat(2100) + "x");
    // Of which a message has only the beginning.
    let (long_shown, deep_shown) = ("x".repeat(120), "x/".repeat(60));
    let mut said = String::new();
    for path in [
        "/etc/cron.d/x",
        "../victim/file",
        "a/../../victim/file",
        "a/..",
        "./a",
        "a//b",
        "a/",
        "nul\0",
        "line\nbreak",
        "\u{1b}[2J",
        ".modelbuild-extract/0",
        ".Modelbuild-Extract/0",
        &long,
        &deep,
    ] {
        let one = refused(&[raw("good", "1"), raw(path, "2")]);
        said += &one.replace(&long_shown, "LONG").replace(&deep_shown, "DEEP");
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `/etc/cron.d/x`: the path `/etc/cron.d/x` is absolute
layer `../victim/file`: the path `../victim/file` leads out of its directory by `..`
layer `a/../../victim/file`: the path `a/../../victim/file` leads out of its directory by `..`
layer `a/..`: the path `a/..` leads out of its directory by `..`
layer `./a`: the path `./a` has a `.` among its names
layer `a//b`: the path `a//b` has an empty name
layer `a/`: the path `a/` has an empty name
layer `nul\u{0}`: the path `nul\u{0}` holds a control character
layer `line\nbreak`: the path `line\nbreak` holds a control character
layer `\u{1b}[2J`: the path `\u{1b}[2J` holds a control character
layer `.modelbuild-extract/0`: the path `.modelbuild-extract/0` is where unfinished files are kept
layer `.Modelbuild-Extract/0`: the path `.Modelbuild-Extract/0` is where unfinished files are kept
layer `LONG…`: the path `LONG…` is longer than file systems take (255 bytes a name, 4095 in all)
layer `DEEP…`: the path `DEEP…` is longer than file systems take (255 bytes a name, 4095 in all)

"#]],
    );
}

#[test]
fn of_several_layers_that_are_wrong_the_first_is_named() {
    let names: Vec<_> = (0..600).map(|index| format!("{:03}", 999 - index)).collect();
    let mut layers: Vec<_> = names.iter().map(|name| raw(name, "1")).collect();
    for (index, wrong) in [(598, "../last"), (311, "../first"), (450, "../second")] {
        layers[index] = raw(wrong, "1");
    }
    assert_same_text(
        refused(&layers),
        snapbox::str![[r#"
layer `../first`: the path `../first` leads out of its directory by `..`

"#]],
    );
}

#[test]
fn two_files_for_one_place() {
    let mut said = String::new();
    for (one, other) in [
        ("a", "a"),
        ("README.md", "readme.MD"),
        ("\u{e9}", "e\u{301}"),
        ("a\u{200c}b", "ab"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a/b", "A"),
        ("A/x", "a/x"),
        ("A/x/y", "a/X"),
    ] {
        said += &refused(&[raw(one, "1"), raw(other, "2")]);
        said += &refused(&[raw(one, "1"), packed(tar(&[(EntryType::Regular, other, b"2")]))]);
    }
    said += &refused(&[packed(tar(&[
        (EntryType::Regular, "a", b"1"),
        (EntryType::Regular, "a", b"2"),
    ]))]);
    said += &refused(&[packed(tar(&[
        (EntryType::Regular, "a", b"1"),
        (EntryType::Directory, "a", b""),
    ]))]);
    let said = said.replace("e\u{301}", "DECOMPOSED");
    assert_same_text(
        said,
        snapbox::str![[r#"
layer `a`: `a` is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b, too, and would be another file
layer `packed`: `a` is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b, too, and would be another file
layer `readme.MD`: `readme.MD` and `README.md` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `packed`: `readme.MD` and `README.md` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `DECOMPOSED`: `e\u{301}` and `\u{e9}` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `packed`: `e\u{301}` and `\u{e9}` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `ab`: `ab` and `a\u{200c}b` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `packed`: `ab` and `a\u{200c}b` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `a/b`: `a` would be a file and a directory: the other one is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
layer `packed`: `a` would be a file and a directory: the other one is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
layer `a`: `a` would be a file and a directory: the other one is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
layer `packed`: `a` would be a file and a directory: the other one is in layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
layer `A`: `A` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `packed`: `A` and `a` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `a/x`: `a/x` and `A/x` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `packed`: `a/x` and `A/x` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are one file where case or the form of characters does not count
layer `a/X`: `a/X` and `A/x` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `packed`: `a/X` and `A/x` of layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b are a file and a directory of one name
layer `packed`: `a` is in it twice, and would be another file
layer `packed`: `a` would be a file and a directory

"#]],
    );
    // The same file twice is one.
    let twice = taken(&[raw("a", "1"), raw("a", "1")], |_, _| {});
    assert_eq!(twice, "0644        1 a\n0644       10 mine\n0644        4 w.gguf\n");
}

#[test]
fn a_layer_without_a_name() {
    let mut said = refused(&[raw("", "1")]);
    let unknown = [("application/vnd.kitops.modelkit.code.v1.raw+encrypted", "a", vec![1])];
    // Nothing is wrong with it, but that nobody here can read it.
    let (code, told) = attempt(&unknown, |_, _| {}, &[]);
    assert_eq!(code, 1);
    said += &(told + "\n");
    let (code, files) = attempt(&unknown, |_, _| {}, &["--exclude", "a"]);
    assert_eq!(
        (code, files.as_str()),
        (0, "0644       10 mine\n0644        4 w.gguf\n")
    );
    assert_same_text(
        said,
        snapbox::str![[r#"
layer sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b: nothing says which file it holds
layer `a`: files cannot be got out of its media type `application/vnd.kitops.modelkit.code.v1.raw+encrypted`

"#]],
    );
}

/// No layer is there to be refused.
#[test]
fn an_artifact_without_layers() {
    let mut said = String::new();
    for (config_type, config, status) in [
        (CONFIG, "none", 3),
        ("application/vnd.cncf.helm.config.v1+json", "{}", 3),
        (CONFIG, "{}", 0),
    ] {
        let test = Test::new();
        layout(&test, "a", config_type, |_| config.to_owned(), &[]);
        said += &test.args(["extract", "a", "out"]).status(status).run().stderr;
    }
    assert_same_text(
        said,
        snapbox::str![[r#"
error: `a`: the config cannot be read: expected ident at line 1 column 2
error: `a`: it is no model artifact: its config has the media type `application/vnd.cncf.helm.config.v1+json`
`out` is up to date with `a`: 0 files, 0 B
note: nothing was extracted, for the artifact has no files
  = help: `modelbuild inspect` shows what it is

"#]],
    );
}

/// A config that lists a diff ID too many compares none of them with the right layer.
#[test]
fn a_config_of_other_layers() {
    let ids = [sha256(b"GGUF"), sha256(b"GGUF")];
    let config = |_: &[String]| {
        json!({"descriptor": {}, "config": {}, "modelfs": {"type": "layers", "diffIds": ids}}).to_string()
    };
    let layers = [("application/vnd.cncf.model.weight.v1.raw", "m.gguf", "GGUF")];
    let make = |test: &Test| layout(test, "artifact", CONFIG, config, &layers);
    for (way, (code, said)) in by_each_way(make, |_, _| {}, &[]) {
        // No engine's files are looked for in what is no artifact.
        assert_eq!(code, if way.contains("--bundle") { 3 } else { 4 }, "{way}");
        assert!(
            said.contains("the config lists 2 diff IDs for 1 layer"),
            "{way}: {said}"
        );
    }
}

/// One that says nothing at all leaves the files to the manifest, and that is said.
#[test]
fn a_config_that_is_none() {
    let test = Test::new();
    let layers = [("application/vnd.cncf.model.weight.v1.raw", "m.gguf", "GGUF")];
    layout(&test, "a", CONFIG, |_| "none".to_owned(), &layers);
    let stderr = test.args(["extract", "a", "out"]).run().stderr;
    assert_same_text(
        stderr.split_inclusive('\n').skip(1).collect::<String>(),
        snapbox::str![[r#"
note: the config cannot be read: expected ident at line 1 column 2: nothing was compared with what it says of the layers
  = help: `modelbuild verify` says what else is wrong

"#]],
    );
}

/// Elsewhere they may mean something; here they are names like others.
#[test]
fn names_that_are_only_odd() {
    let names = [
        "a\\..\\b", "...", "..a/b", "b.", "c ", "a", " ", "C:x", "-rf", "d /..b", "NUL", "~",
    ];
    let raws: Vec<_> = names.iter().map(|name| raw(name, name)).collect();
    let entries: Vec<_> = names
        .iter()
        .map(|name| (EntryType::Regular, *name, name.as_bytes()))
        .collect();
    let found = taken(&raws, |_, _| {});
    let unpacked = taken(&[packed(tar(&entries))], |_, _| {});
    // The helper's tars state another mode.
    assert_eq!(
        unpacked.replace("0755        ", "0644        "),
        found.replace("0755        ", "0644        ")
    );
    assert_same_text(
        found,
        snapbox::str![[r#"
0644        1  
0644        3 -rf
0644        3 ...
0755        0 ..a/
0644        5 ..a/b
0644        3 C:x
0644        3 NUL
0644        1 a
0644        6 a\..\b
0644        2 b.
0644        2 c 
0755        0 d /
0644        6 d /..b
0644       10 mine
0644        4 w.gguf
0644        1 ~

"#]],
    );
}
