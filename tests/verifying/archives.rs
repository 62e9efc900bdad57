//! Tarballs that hold more than a layout.

use std::path::Path;

use snapbox::data::Inline;
use snapbox::str;
use tar::{EntryType, Header};

use super::built;
use crate::oracle::oracle;
use crate::tiny::blob;

/// The members of a tarball, each with its name, kind and bytes.
pub type Members = Vec<(String, EntryType, Vec<u8>)>;

/// The tarball `out.tar` of the members of the layout `out`, once they were changed.
pub fn tarball(dir: &Path, change: impl FnOnce(&mut Members)) {
    let out = dir.join("out");
    let descriptors = ["config", "layers"].map(|member| crate::tiny::manifest(&out)[member].clone());
    let layers = descriptors[1].as_array().unwrap().iter();
    let index = crate::tiny::json(out.join("index.json"));
    let blobs = [&index["manifests"][0], &descriptors[0]].into_iter().chain(layers);
    let paths = blobs.map(|descriptor| blob(&out, descriptor));
    let paths = [out.join("oci-layout"), out.join("index.json")]
        .into_iter()
        .chain(paths);
    let member = |path: std::path::PathBuf| {
        let name = path.strip_prefix(&out).unwrap().to_str().unwrap().to_owned();
        (name, EntryType::Regular, fs_err::read(path).unwrap())
    };
    let mut members: Members = paths.map(member).collect();
    change(&mut members);
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, bytes) in members {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, &bytes[..]).unwrap();
    }
    fs_err::write(dir.join("out.tar"), builder.into_inner().unwrap()).unwrap();
}

/// Another index, of nothing.
fn index(name: &str) -> (String, EntryType, Vec<u8>) {
    let bytes = br#"{"schemaVersion":2,"manifests":[]}"#;
    (name.to_owned(), EntryType::Regular, bytes.to_vec())
}

type Change = fn(&mut Members);

#[test]
fn no_part_of_the_layout_is_there_twice() {
    let table: [(Change, Inline); 5] = [
        (
            |members| members.push(index("index.json")),
            str![[r#"
damage: the tar: it has `index.json` twice: some tools take the first, others the last [archive]
out.tar: 0 artifacts, 0 blobs, 0 B: 1 damaged

"#]],
        ),
        (
            |members| members.push(index("./index.json")),
            str![[r#"
damage: the tar: it has `index.json` twice: some tools take the first, others the last [archive]
out.tar: 0 artifacts, 0 blobs, 0 B: 1 damaged

"#]],
        ),
        (
            |members| members.push(index("blobs/..//index.json")),
            str![[r#"
damage: the tar: it has `blobs/..//index.json` twice: some tools take the first, others the last [archive]
out.tar: 0 artifacts, 0 blobs, 0 B: 1 damaged

"#]],
        ),
        (
            |members| members.push(index("/index.json")),
            str![[r#"
damage: the tar: it has `/index.json` twice: some tools take the first, others the last [archive]
out.tar: 0 artifacts, 0 blobs, 0 B: 1 damaged

"#]],
        ),
        (
            |members| members.push(members[2].clone()),
            str![[r#"
damage: the tar: it has `blobs/sha256/208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6` twice: some tools take the first, others the last [archive]
out.tar: 0 artifacts, 0 blobs, 0 B: 1 damaged

"#]],
        ),
    ];
    for (change, expected) in table {
        let output = built();
        tarball(&output.dir(), change);
        output
            .then()
            .args(["verify", "out.tar"])
            .status(4)
            .stdout(expected)
            .run();
        output.then().args(["extract", "out.tar", "x"]).status(4).run();
    }
    let output = built();
    tarball(&output.dir(), |members| members.push(index("index.json")));
    output
        .then()
        .args(["ls", "out.tar"])
        .status(4)
        .stderr(str![[r#"
error: `out.tar` is damaged: it has `index.json` twice: some tools take the first, others the last
  = help: build or copy it again

"#]])
        .run();
}

#[test]
fn what_is_no_part_of_the_layout_is_said() {
    let member = |name: &str, kind| (name.to_owned(), kind, Vec::new());
    let output = built();
    tarball(&output.dir(), |members| {
        members.extend([
            member("blobs/", EntryType::Directory),
            member("./blobs/sha256", EntryType::Directory),
            member("README", EntryType::Regular),
            member("blobs/sha256/mine", EntryType::Regular),
        ]);
    });
    output
        .then()
        .args(["verify", "out.tar"])
        .stdout(str![[r#"
note: README: is no part of a layout [foreign-file]
note: blobs/sha256/mine: is no blob [foreign-file]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 2 notes

"#]])
        .run();
    tarball(&output.dir(), |members| {
        members.extend([
            member("link", EntryType::Symlink),
            member("same", EntryType::Link),
            member("dev", EntryType::Char),
            member("queue", EntryType::Fifo),
            member("../out", EntryType::Regular),
            member("a/../../b", EntryType::Directory),
            member("/etc/passwd", EntryType::Regular),
        ]);
    });
    output
        .then()
        .args(["verify", "out.tar"])
        .status(4)
        .stdout(str![[r#"
error: link: is a symlink [archive-member]
error: same: is a hard link [archive-member]
error: dev: is a device [archive-member]
error: queue: is a FIFO [archive-member]
error: ../out: leads out of the tar's directory by `..` [archive-member]
error: a/../../b: leads out of the tar's directory by `..` [archive-member]
error: /etc/passwd: has an absolute path [archive-member]
out.tar: 1 artifact, 5 blobs, 2.01 kB: 7 errors

"#]])
        .run();
}

/// Nothing harmful hides behind what is not.
#[test]
fn a_link_behind_many_files_is_found() {
    let output = built();
    tarball(&output.dir(), |members| {
        members.extend((0..2000).map(|number| (format!("{number}"), EntryType::Regular, Vec::new())));
        members.push(("link".to_owned(), EntryType::Symlink, Vec::new()));
    });
    let verified = output.then().args(["verify", "-q", "out.tar"]).status(4);
    verified
        .stdout(str![[r#"
error: link: is a symlink [archive-member]

"#]])
        .run();
}

#[test]
fn skopeo_reads_the_last_of_two() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let output = built();
    let args = ["inspect", "--raw", "oci-archive:out.tar"];
    tarball(&output.dir(), |_| {});
    assert!(skopeo.ask(&output.dir(), args).success);
    output.then().args(["verify", "--strict", "out.tar"]).run();
    tarball(&output.dir(), |members| members.push(index("index.json")));
    assert!(!skopeo.ask(&output.dir(), args).success);
}

/// Which of several artifacts it is the manifest of, the tag does not say.
#[test]
fn the_manifest_for_docker_model_runner_may_be_another_artifact_s() {
    let output = built();
    let test = output.then().file("README.md", "# more\n");
    let output = test
        .args(["build", "-q", "-o", "out", "-t", "a/tiny:v2", "--no-sync"])
        .run();
    let out = output.dir().join("out");
    let index = crate::tiny::json(out.join("index.json"));
    let first = fs_err::read(blob(&out, &index["manifests"][0])).unwrap();
    fs_err::write(out.join("manifest.json"), first).unwrap();
    let mut tar = tar::Builder::new(fs_err::File::create(output.dir().join("out.tar")).unwrap());
    tar.append_dir_all("", &out).unwrap();
    tar.finish().unwrap();
    for place in ["out.tar", "oci-archive:out.tar:v1", "oci-archive:out.tar:v2"] {
        output.then().args(["verify", "--strict", place]).run();
    }
}

/// The first header is no other part of a tarball than what comes behind it.
#[test]
fn a_tarball_whose_first_header_is_damaged() {
    let output = built();
    tarball(&output.dir(), |_| {});
    let path = output.dir().join("out.tar");
    let whole = fs_err::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[3] ^= 1;
    for (bytes, what) in [
        (&flipped[..], "its first 512 bytes are no header of a tar"),
        (&whole[..0], "it ends before the tar does: it was cut off"),
        (&whole[..511], "it ends before the tar does: it was cut off"),
    ] {
        fs_err::write(&path, bytes).unwrap();
        let damage = format!("damage: the tar: {what} [archive]");
        let verified = output.then().args(["verify", "out.tar"]).status(4).run();
        assert_eq!(verified.text().lines().next(), Some(damage.as_str()));
        let failed = output.then().args(["ls", "oci-archive:out.tar"]).status(4).run();
        assert_eq!(
            failed.stderr,
            format!("error: `out.tar` is damaged: {what}\n  = help: build or copy it again\n")
        );
        // Nothing says that this was one.
        fs_err::write(output.dir().join("out.bin"), bytes).unwrap();
        output.then().args(["ls", "out.bin"]).status(3).run();
        let verified = output.then().args(["verify", "oci-archive:out.bin"]).status(4).run();
        assert_eq!(verified.text().lines().next(), Some(damage.as_str()));
    }
}
