//! What is said of files that were in the way and differed: they are replaced, and named.

use snapbox::str;

use super::{artifact, packed, raw, tar};
use crate::harness::{Output, Test};
use crate::tiny::tiny;

/// A small model in the layout `out`, extracted to `dir`.
fn extracted() -> Output {
    let built = tiny().args(["-q", "-o", "out"]).run();
    built.then().args(["extract", "-q", "out", "dir"]).run()
}

#[test]
fn files_that_were_edited_are_named() {
    let extracted = extracted();
    let extract = || extracted.then().args(["extract", "out", "dir"]);
    extract()
        .stderr(str![[r#"
`dir` is up to date with `out`: 3 files, 18 B

"#]])
        .run();
    // One of another size, one of the same, and one that is not the artifact's.
    let edit = || {
        let edited = extract().file("dir/config.json", "{\"mine\": 1}\n");
        edited.file("dir/README.md", "# mine\n").file("dir/notes", "mine\n")
    };
    edit()
        .stderr(str![[r#"
extracted `out` to `dir` in [TIME]: 3 files, 18 B; 2 written, 1 there already
note: 2 files that differed were replaced: `README.md`, `config.json`
  = help: to keep what is there, extract to another directory

"#]])
        .run();
    edit().args(["--progress", "json"]).run();
    edit()
        .args(["--format", "json"])
        .stdout(str![[r#"
{
  "digest": "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
  "files": [
    {
      "digest": "sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88",
      "outcome": "written",
      "path": "README.md",
      "replaced": true,
      "size": 7
    },
    {
      "digest": "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
      "outcome": "written",
      "path": "config.json",
      "replaced": true,
      "size": 3
    },
    {
      "digest": "sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0",
      "outcome": "present",
      "path": "m.gguf",
      "replaced": false,
      "size": 8
    }
  ],
  "leftOut": 0,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "root": "dir",
  "version": 1
}

"#]])
        .run();
    extract()
        .stderr(str![[r#"
`dir` is up to date with `out`: 3 files, 18 B

"#]])
        .run();
    edit().args(["-q"]).stderr("").run();
}

#[test]
fn the_config_of_somebody_else_is_named_where_a_bundle_replaces_it() {
    let built = tiny().file("m.gguf", "GGUF").args(["-q", "-o", "out"]).run();
    let bundle = || built.then().args(["extract", "--bundle", "out", "dir"]);
    bundle()
        .file("dir/config.json", "{\"mine\": 1}\n")
        .stderr(str![[r#"
extracted `out` to `dir` in [TIME]: 4 files, 333 B; 4 written
note: 1 file that differed was replaced: `config.json`
  = help: to keep what is there, extract to another directory

"#]])
        .run();
    bundle()
        .stderr(str![[r#"
`dir` is up to date with `out`: 4 files, 333 B

"#]])
        .run();
}

#[test]
fn what_was_in_a_tar_is_told_alike() {
    let test = Test::new();
    let entries: Vec<_> = ["a", "b", "c"]
        .map(|name| (::tar::EntryType::Regular, name, name.as_bytes()))
        .into();
    artifact(&test, "out", &[packed(tar(&entries)), raw("m.gguf", "weights")]);
    let extracted = test.args(["extract", "-q", "out", "dir"]).run();
    let extract = || extracted.then().args(["extract", "out", "dir"]);
    let edited = extract().file("dir/a", "A").file("dir/b", "longer");
    edited
        .stderr(str![[r#"
extracted `out` to `dir` in [TIME]: 4 files, 10 B; 2 written, 2 there already
note: 2 files that differed were replaced: `a`, `b`
  = help: to keep what is there, extract to another directory

"#]])
        .run();
    extract()
        .stderr(str![[r#"
`dir` is up to date with `out`: 4 files, 10 B

"#]])
        .run();
}

#[test]
fn many_are_counted() {
    let test = Test::new();
    let paths: Vec<_> = (10..23).map(|number| format!("f{number}")).collect();
    let layers: Vec<_> = paths.iter().map(|path| raw(path, path)).collect();
    artifact(&test, "out", &layers);
    let mut test = test;
    for path in &paths {
        test = test.file(format!("dir/{path}"), "mine");
    }
    test.args(["extract", "out", "dir"]).stderr(str![[r#"
extracted `out` to `dir` in [TIME]: 13 files, 39 B; 13 written
note: 13 files that differed were replaced: `f10`, `f11`, `f12`, `f13`, `f14`, `f15`, `f16`, `f17`, `f18`, `f19` and 3 more
  = help: to keep what is there, extract to another directory

"#]]).run();
}
