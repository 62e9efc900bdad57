//! `--metadata-file` and `--iidfile`.

use snapbox::str;

use crate::harness::snapshot;
use crate::tiny::{assert_same_text, tiny};

#[test]
fn the_metadata_file_has_the_keys_of_buildx() {
    let built = tiny()
        .args([
            "-q",
            "-o",
            "out",
            "--metadata-file",
            "meta.json",
            "-t",
            "tiny",
            "-t",
            "example.org/tiny:v1",
        ])
        .run();
    let text = fs_err::read_to_string(built.dir().join("meta.json")).unwrap();
    assert_same_text(
        text,
        str![[r#"
{
  "containerimage.config.digest": "sha256:69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160",
  "containerimage.descriptor": {
    "digest": "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "size": 1672
  },
  "containerimage.digest": "sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
  "image.name": "docker.io/library/tiny:latest,example.org/tiny:v1",
  "modelbuild.layers": [
    {
      "digest": "sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0",
      "kind": "weight",
      "mediaType": "application/vnd.cncf.model.weight.v1.raw",
      "path": "m.gguf",
      "size": 8
    },
    {
      "digest": "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
      "kind": "config",
      "mediaType": "application/vnd.cncf.model.weight.config.v1.raw",
      "path": "config.json",
      "size": 3
    },
    {
      "digest": "sha256:da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88",
      "kind": "doc",
      "mediaType": "application/vnd.cncf.model.doc.v1.raw",
      "path": "README.md",
      "size": 7
    }
  ]
}

"#]],
    );
}

#[test]
fn without_a_tag_there_is_no_image_name() {
    let built = tiny()
        .args(["-q", "-o", "oci:out:v1", "--metadata-file", "meta.json"])
        .run();
    let text = fs_err::read_to_string(built.dir().join("meta.json")).unwrap();
    assert!(!text.contains("image.name"), "{text}");
}

#[test]
fn the_iidfile_is_the_digest_and_no_more() {
    let built = tiny().args(["-q", "-o", "out", "--iidfile", "iid"]).run();
    assert_eq!(fs_err::read_to_string(built.dir().join("iid")).unwrap(), built.text());
}

#[test]
fn both_are_replaced_and_never_packed() {
    let files = ["-q", "-o", "out", "--iidfile", "iid", "--metadata-file", "meta"];
    let first = tiny()
        .file(
            "Modelfile",
            "NAME x\nFORMAT gguf\nMODEL *.gguf\nDOC {README.md,ii?,met?,out/**}\n",
        )
        .args(files)
        .run();
    fs_err::write(
        first.dir().join("iid"),
        "something else that is longer than any digest".repeat(3),
    )
    .unwrap();
    let second = first.then().args(files).run();
    assert_eq!(first.text(), second.text());
    assert_eq!(fs_err::read_to_string(first.dir().join("iid")).unwrap(), first.text());
}

#[test]
fn a_build_that_fails_leaves_them_alone() {
    let test = tiny()
        .file("Modelfile", "MODEL nothing.gguf\n")
        .file("iid", "old")
        .file("meta", "old");
    let (dir, before) = (test.dir(), snapshot(&test.dir()));
    let _failed = test
        .args(["--iidfile", "iid", "--metadata-file", "meta"])
        .status(3)
        .stdout("")
        .run();
    assert_eq!(snapshot(&dir), before);
}

/// Before anything is read, with the exit code of any output.
#[test]
fn one_that_cannot_be_written_is_an_error() {
    tiny()
        .args(["--iidfile", "m.gguf/ids/iid"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: cannot write `m.gguf/ids/iid`: `m.gguf` is not a directory
  = help: name a file in a directory that you can write to

"#]])
        .run();
    tiny()
        .args(["--metadata-file", "."])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: cannot write `.`: it is a directory
  = help: name a file

"#]])
        .run();
}

#[test]
fn the_directories_that_they_lack_are_made() {
    let built = tiny()
        .args([
            "-q",
            "-o",
            "out.tar",
            "--iidfile",
            "a/b/iid",
            "--metadata-file",
            "a/meta",
        ])
        .args(["--depfile", "c/d"])
        .run();
    let inspected = built
        .then()
        .args(["inspect", "out.tar", "--html", "e/f/page.html"])
        .run();
    for file in ["a/b/iid", "a/meta", "c/d", "e/f/page.html"] {
        assert!(inspected.dir().join(file).is_file(), "{file}");
    }
    // Not by a dry run.
    let dry = tiny().args(["-q", "-n", "--iidfile", "a/iid"]).run();
    assert!(!dry.dir().join("a").exists());
}

/// Found before anything is read, not after an hour of hashing: one file must not be written over another, or over what
/// the build reads.
#[test]
fn one_that_would_spoil_an_output_or_an_input_is_refused() {
    for (args, place) in [
        (
            ["-o", "x.tar", "--metadata-file", "x.tar"],
            "the output `x.tar` is given twice",
        ),
        (
            ["-o", "layout", "--iidfile", "layout/index.json"],
            "of the outputs `layout` and `layout/index.json` one lies in the other",
        ),
        (
            ["-o", "x.tar", "--iidfile", "x.tar/id"],
            "of the outputs `x.tar` and `x.tar/id` one lies in the other",
        ),
        (
            ["--iidfile=r", "--metadata-file", "r/m.json", "--no-cache"],
            "of the outputs `r/m.json` and `r` one lies in the other",
        ),
        (
            ["-o", "layout", "--iidfile", "./Modelfile"],
            "`./Modelfile` would be written over `Modelfile`, which is read",
        ),
    ] {
        let test = tiny();
        let (dir, before) = (test.dir(), snapshot(&test.dir()));
        let refused = test.args(args).status(2).stdout("").run();
        assert_eq!(refused.stderr.lines().next().unwrap(), format!("error: {place}"));
        assert_eq!(snapshot(&dir), before);
    }
}

/// What is built from, too, by whatever name.
#[test]
fn no_report_takes_the_place_of_the_base() {
    let built = tiny().args(["-q", "-o", "base", "-o", "base.tar"]).run();
    let test = built
        .then()
        .file("m/Modelfile", "FROM ../base.tar\n")
        .file("n/Modelfile", "FROM ../base\n");
    let dir = test.dir();
    fs_err::hard_link(dir.join("base.tar"), dir.join("linked")).unwrap();
    let before = snapshot(&dir);
    let mut test = test;
    for (args, message) in [
        (
            ["m", "--iidfile=./base.tar"],
            "`./base.tar` would be written over `m/../base.tar`, which is read",
        ),
        (
            ["m", "--iidfile=linked"],
            "`linked` would be written over `m/../base.tar`, which is read",
        ),
        (
            ["n", "--metadata-file=base/new"],
            "`base/new` would be written into `n/../base`, which is read",
        ),
        (
            ["n", "--depfile=base/index.json"],
            "`base/index.json` would be written into `n/../base`, which is read",
        ),
    ] {
        let refused = test.args(["build", "-o", "out"]).args(args).status(2).stdout("").run();
        assert_eq!(refused.stderr.lines().next().unwrap(), format!("error: {message}"));
        assert_eq!(snapshot(&dir), before);
        test = refused.then();
    }
}
