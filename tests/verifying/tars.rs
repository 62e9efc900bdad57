//! Tars as tools write them, which are read, and those in which two tools find different things, which are not.

use std::path::Path;

use serde_json::json;
use snapbox::str;

use super::archives::tarball;
use super::differential::with_packed;
use super::{built, crafted, manifest, put};
use crate::blocks::hidden;
use crate::harness::{Output, sha256, tree};
use crate::oracle::oracle;

/// Two blocks of zeros.
const END: [u8; 1024] = [0; 1024];

fn status(output: &Output, args: &[&str]) -> i32 {
    let status = output.then().args(args).command().output().unwrap().status;
    status.code().unwrap()
}

#[test]
fn no_tarball_hides_an_index() {
    let index = br#"{"schemaVersion":2,"manifests":[]}"#;
    let output = built();
    tarball(&output.dir(), |_| {});
    let path = output.dir().join("out.tar");
    let whole = fs_err::read(&path).unwrap();
    let members = whole.strip_suffix(&END).unwrap();
    let prefix = "./".repeat(65) + ".";
    for (called, part) in hidden("index.json", index, &prefix) {
        fs_err::write(&path, [members, &part, &END].concat()).unwrap();
        for args in [
            &["verify", "out.tar"][..],
            &["ls", "out.tar"],
            &["extract", "out.tar", "x"],
        ] {
            assert_eq!(status(&output, args), 4, "{called}: {args:?}");
        }
        // Nor if it is the first that is read; then it may be no tar at all.
        fs_err::write(&path, [&part, members, &END].concat()).unwrap();
        assert_ne!(status(&output, &["verify", "out.tar"]), 0, "{called}, first");
    }
    fs_err::write(&path, &whole).unwrap();
    assert_eq!(status(&output, &["verify", "--strict", "out.tar"]), 0);
}

#[test]
fn no_layer_hides_a_file() {
    let output = built();
    let out = output.dir().join("out");
    let prefix = "a/".repeat(65) + "b";
    for (called, part) in hidden("evil", b"#!/bin/sh\n", &prefix) {
        let tar = [&part[..], &END].concat();
        with_packed(&out, "tar", &tar, &tar);
        assert_eq!(status(&output, &["verify", "out"]), 4, "{called}");
        assert_eq!(status(&output, &["extract", "-q", "out", "x"]), 4, "{called}");
        assert!(!output.dir().join("x").exists(), "{called}");
    }
}

/// The command that packs the directory `DIR` as `x.tar`, of each tool that is there, in each format that it has; whether
/// the format has room for all names.
fn packers(dir: &str) -> Vec<(String, Vec<String>, bool)> {
    let mut packers = Vec::new();
    for (tool, formats) in [
        ("tar", &["v7", "ustar", "oldgnu", "gnu", "posix"][..]),
        ("bsdtar", &["v7", "ustar", "gnutar", "pax"]),
    ] {
        for format in formats {
            let args = ["--format", format, "-C", dir, "-cf", "x.tar", "."];
            packers.push((
                tool.to_owned(),
                args.map(str::to_owned).into(),
                !matches!(*format, "v7" | "ustar"),
            ));
        }
    }
    for format in ["USTAR", "GNU", "PAX"] {
        let script = format!(
            "import tarfile; t = tarfile.open('x.tar', 'w', format=tarfile.{format}_FORMAT); t.add('{dir}', '.'); t.close()"
        );
        let args = ["-c".to_owned(), script];
        packers.push(("python3".to_owned(), args.into(), format != "USTAR"));
    }
    packers
}

/// Runs a command of [`packers`], and says whether it could.
fn pack(dir: &Path, tool: &str, args: &[String]) -> bool {
    let Some(tool) = oracle(tool) else { return false };
    tool.approve(dir, args);
    true
}

#[test]
fn layers_that_tools_pack() {
    let output = built();
    let dir = output.dir();
    let long = format!("{}/{}/{}.txt", "d".repeat(90), "e".repeat(90), "f".repeat(120));
    for (name, bytes) in [("a", &b"1"[..]), ("empty", b""), ("dir/b.py", &[7; 3000])] {
        for tree in ["short", "long"] {
            let path = dir.join(tree).join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, bytes).unwrap();
        }
    }
    for name in [&long[..], "f\u{fc}r\u{2713}.txt"] {
        let path = dir.join("long").join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, name).unwrap();
    }
    for below in ["short", "long"] {
        let expected = tree(&dir.join(below));
        for (tool, args, has_room) in packers(below) {
            if (below == "long" && !has_room) || !pack(&dir, &tool, &args) {
                continue;
            }
            let tar = fs_err::read(dir.join("x.tar")).unwrap();
            with_packed(&dir.join("out"), "tar", &tar, &tar);
            let _ = fs_err::remove_dir_all(dir.join("x"));
            assert_eq!(status(&output, &["verify", "out"]), 0, "{tool} {args:?}");
            assert_eq!(status(&output, &["extract", "-q", "out", "x"]), 0, "{tool} {args:?}");
            assert_eq!(tree(&dir.join("x")), expected, "{tool} {args:?}");
        }
    }
}

#[test]
fn tarballs_that_tools_pack() {
    let output = built();
    for (tool, args, _) in packers("out") {
        if pack(&output.dir(), &tool, &args) {
            assert_eq!(status(&output, &["verify", "--strict", "x.tar"]), 0, "{tool} {args:?}");
        }
    }
    let Some(skopeo) = oracle("skopeo") else { return };
    skopeo.approve(
        &output.dir(),
        ["copy", "--insecure-policy", "oci:out:v1", "oci-archive:skopeo.tar"],
    );
    assert_eq!(status(&output, &["verify", "skopeo.tar"]), 0);
}

/// A container image's layer may have files with holes, whose map takes more than a header.
#[test]
fn files_with_holes_in_an_image() {
    let Some(gnu) = oracle("tar") else { return };
    for args in [
        &["--format=gnu"][..],
        &["--format=posix", "--sparse-version=0.0"],
        &["--format=posix", "--sparse-version=0.1"],
        &["--format=posix", "--sparse-version=1.0"],
    ] {
        let test = crafted(|out| {
            let dir = out.parent().unwrap();
            let file = fs_err::File::create(dir.join("holes")).unwrap();
            for piece in 0..60 {
                std::os::unix::fs::FileExt::write_all_at(file.file(), &[1; 4096], piece << 20).unwrap();
            }
            fs_err::write(dir.join("z"), "behind it").unwrap();
            let pack = ["-S", "-cf", "x.tar", "holes", "z"];
            gnu.approve(dir, args.iter().copied().chain(pack));
            let bytes = fs_err::read(dir.join("x.tar")).unwrap();
            assert!(bytes.len() < 1 << 20, "the file system has no holes");
            let layer = put(out, "application/vnd.oci.image.layer.v1.tar", &bytes);
            let config = json!({
                "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [sha256(&bytes)]},
            });
            manifest(out, "application/vnd.oci.image.config.v1+json", &config, &[layer])
        });
        test.args(["-q"]).stdout(str![""]).run();
    }
}
