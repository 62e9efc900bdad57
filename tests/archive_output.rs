//! The tarball of a layout: the same bytes by every way, and what it replaces.

use std::fmt::Write as _;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use snapbox::str;

use crate::harness::{Test, snapshot};
use crate::tiny::{assert_same_text, manifest, tiny};

/// Larger than what is read in one piece, so that the ways of large files are gone.
const LARGE: usize = (1 << 20) + 1;

/// Members in their order: size and name.
fn members(tar: &[u8]) -> String {
    let mut text = String::new();
    for entry in tar::Archive::new(tar).entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.mode().unwrap(), header.mtime().unwrap()), (0o644, 0));
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        writeln!(text, "{:>6} {}", entry.size(), entry.path().unwrap().display()).unwrap();
    }
    text
}

fn member(tar: &[u8], name: &str) -> Vec<u8> {
    let mut archive = tar::Archive::new(tar);
    let found = archive
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .find(|entry| entry.path().unwrap() == Path::new(name));
    let mut bytes = Vec::new();
    found.unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// The tarball of what `test` builds, by every way that there is; checks that they do not differ.
fn tarball(args: &[&str], test: impl Fn() -> Test) -> Vec<u8> {
    let piped = test().args(args).args(["-o", "-"]).run().stdout;
    let alone = test().args(args).args(["-q", "-o", "x.tar"]).run();
    let again = alone
        .then()
        .args(args)
        .args(["-q", "-j", "1", "-o", "layout", "-o", "y.tar", "-o", "oci-archive:z"])
        .run();
    // The layout is there now.
    let known = alone
        .then()
        .args(args)
        .args(["-o", "layout", "-o", "known.tar", "-o", "-"])
        .run();
    let same = |bytes: &[u8], way: &str| {
        assert!(
            bytes == piped,
            "{way} differs:\n{}\n{}",
            members(bytes),
            members(&piped)
        );
    };
    same(&known.stdout, "stdout beside others");
    for name in ["x.tar", "y.tar", "z", "known.tar"] {
        same(&fs_err::read(again.dir().join(name)).unwrap(), name);
    }
    piped
}

#[test]
fn members_stand_in_a_fixed_order() {
    assert_same_text(
        members(&tarball(&["-t", "tiny:v1"], tiny)),
        str![[r#"
    30 oci-layout
     8 blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
     3 blobs/sha256/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356
     7 blobs/sha256/da0f266deed7c2c66f4708aa801d1ecd4aa289d2ee87e9c4525b30c8cba9ac88
   319 blobs/sha256/69ad8c24081aea42cf57b1933a6ec8e9b6e3be9ada163415044bc9b412cce160
  1672 blobs/sha256/208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6
   353 index.json
  1672 manifest.json

"#]],
    );
}

#[test]
fn the_tarball_is_the_layout_and_the_manifest_at_its_root() {
    let built = tiny().args(["-q", "-o", "out", "-o", "x.tar", "-t", "tiny:v1"]).run();
    let tar = fs_err::read(built.dir().join("x.tar")).unwrap();
    let layout = built.dir().join("out");
    for line in members(&tar).lines() {
        let name = line.rsplit(' ').next().unwrap();
        if name != "manifest.json" {
            assert_eq!(member(&tar, name), fs_err::read(layout.join(name)).unwrap(), "{name}");
        }
    }
    let root: serde_json::Value = serde_json::from_slice(&member(&tar, "manifest.json")).unwrap();
    assert_eq!(root, manifest(&layout));
}

#[test]
fn equal_and_empty_files_are_there_once() {
    let tar = tarball(&[], || {
        tiny()
            .file(
                "Modelfile",
                "NAME x\nFORMAT gguf\nMODEL a.gguf b.gguf c.gguf\nDOC e f\n",
            )
            .file("a.gguf", "same")
            .file("b.gguf", "same")
            .file("c.gguf", "other")
            .file("e", "")
            .file("f", "")
    });
    assert_same_text(
        members(&tar),
        str![[r#"
    30 oci-layout
     4 blobs/sha256/0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5
     5 blobs/sha256/d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa
     0 blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
   464 blobs/sha256/a58fded82ac881f06ffd4c83f95ad578096794f45e3e24ac964c6382bc6c3b44
  2498 blobs/sha256/8b20152dac1952ed78e27a3ae1a74dbf01fb911cad82fe93281272d42983b48b
   241 index.json
  2498 manifest.json

"#]],
    );
}

#[test]
fn tar_layers_and_docker_s_format_go_into_tarballs_too() {
    tarball(&["--tar"], tiny);
    tarball(&["--spec", "docker"], tiny);
}

/// So that a file system can share the blocks with the source file.
#[test]
fn large_files_begin_at_a_block() {
    let tar = tarball(&[], || tiny().file("m.gguf", vec![1; LARGE]));
    let mut large = 0;
    for entry in tar::Archive::new(tar.as_slice()).entries().unwrap() {
        let entry = entry.unwrap();
        if entry.size() >= 1 << 20 {
            assert_eq!(entry.raw_file_position() % 4096, 0);
            large += 1;
        }
    }
    assert_eq!(large, 1);
}

/// Which of them are equal is known only when they have been written.
#[test]
fn large_equal_files_are_taken_out_again() {
    let content = |seed: u8, size: usize| {
        (0..=250_u8)
            .cycle()
            .take(size)
            .map(|byte| byte ^ seed)
            .collect::<Vec<_>>()
    };
    // Positions after the gap shift by a little and by a lot, and so do sizes.
    for (sizes, seeds) in [
        ([LARGE; 5], [1, 1, 2, 1, 3]),
        ([LARGE, LARGE, 3 * LARGE, 300_000, 5], [1, 1, 2, 3, 4]),
        ([300_000, 300_000, 300_000, LARGE, LARGE], [9, 9, 9, 8, 8]),
        ([700, 700, LARGE, 2 * LARGE, 700], [1, 1, 1, 1, 1]),
    ] {
        let tar = tarball(&[], || {
            (0..5).fold(
                tiny().file("Modelfile", "NAME x\nFORMAT gguf\nMODEL w\n"),
                |test, index| test.file(format!("w/{index}.gguf"), content(seeds[index], sizes[index])),
            )
        });
        let mut names: Vec<_> = members(&tar)
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for name in names.iter().filter(|name| name.starts_with("blobs/")) {
            let digest = crate::harness::sha256(&member(&tar, name));
            assert_eq!(digest.replace(':', "/"), name["blobs/".len()..]);
        }
    }
}

#[test]
fn a_tarball_that_exists_is_replaced_in_one_step() {
    let first = tiny().args(["-q", "-o", "x.tar"]).run();
    let path = first.dir().join("x.tar");
    let (old, inode) = (fs_err::read(&path).unwrap(), fs_err::metadata(&path).unwrap().ino());
    let mut reader = fs_err::File::open(&path).unwrap();
    fs_err::write(first.dir().join("m.gguf"), "other").unwrap();
    first.then().args(["-q", "-o", "x.tar"]).run();
    assert_ne!(fs_err::metadata(&path).unwrap().ino(), inode);
    // Whoever was reading the old one reads it to its end.
    let mut seen = Vec::new();
    reader.read_to_end(&mut seen).unwrap();
    assert!(seen == old);
    assert!(fs_err::read(&path).unwrap() != old);
}

#[test]
fn a_build_that_fails_leaves_the_tarball_that_exists() {
    let test = tiny().file("out/mine", "").file("x.tar", "old");
    let (dir, before) = (test.dir(), snapshot(&test.dir()));
    let _failed = test.args(["-o", "x.tar", "-o", "out"]).status(1).stdout("").run();
    assert_eq!(snapshot(&dir), before);
}

#[test]
fn a_directory_of_that_name_is_refused() {
    let test = tiny().file("x.tar/mine", "");
    let (dir, before) = (test.dir(), snapshot(&test.dir()));
    let _failed = test
        .args(["-o", "x.tar"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: `x.tar` exists and is a directory; it was not touched
  = help: choose another place with `-o`, or remove it first

"#]])
        .run();
    assert_eq!(snapshot(&dir), before);
}

#[test]
fn what_a_symlink_points_to_is_replaced_not_the_link() {
    let test = tiny().file("far/real.tar", "old").symlink("far/real.tar", "link.tar");
    let built = test.args(["-q", "-o", "link.tar"]).run();
    let link = built.dir().join("link.tar");
    assert!(link.is_symlink());
    let real = fs_err::read(built.dir().join("far/real.tar")).unwrap();
    assert_eq!(
        member(&real, "manifest.json"),
        fs_err::read(&link).map(|tar| member(&tar, "manifest.json")).unwrap()
    );
}
