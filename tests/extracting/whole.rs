//! What was built comes out as it went in.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::Path;

use snapbox::str;

use super::{artifact, described, raw};
use crate::harness::{Test, tree};
use crate::layout::contents;
use crate::oracle::{oracle, skip};
use crate::serving::noise;

/// A model with everything that a file can be.
fn model() -> Test {
    let test = Test::new()
        .file("m/w.gguf", noise(3_000_000))
        .file("m/sub/deep/er/config.json", "{}\n")
        .file("m/empty.json", "")
        .file("m/again.json", "{}\n")
        .file("m/ünï/lé mots.txt", "accents\n")
        .file("m/run.py", "print()\n")
        .file(
            "m/Modelfile",
            "NAME x\nMODEL *.gguf\nCONFIG **/*.json\nCODE *.py\nDOC **/*.txt\n",
        );
    fs_err::set_permissions(test.dir().join("m/run.py"), PermissionsExt::from_mode(0o755)).unwrap();
    test
}

/// The files of the model in the directory `out`, and nothing else.
fn check(dir: &Path) {
    let mut expected = contents(&dir.join("m"));
    expected.remove("Modelfile");
    assert_eq!(contents(&dir.join("out")), expected);
    let mode = |path: &str| fs_err::metadata(dir.join(path)).unwrap().mode() & 0o7777;
    assert_eq!(mode("out/run.py"), 0o755);
    assert_eq!(mode("out/empty.json"), 0o644);
    assert_eq!(fs_err::metadata(dir.join("out/w.gguf")).unwrap().mtime(), 0);
}

#[test]
fn in_every_form() {
    for form in [
        &["-o", "a"][..],
        &["-o", "a.tar"],
        &["-o", "a", "--tar"],
        &["-o", "a.tar", "--tar"],
        &["-o", "a", "--spec", "docker"],
        &["-o", "a.tar", "--spec", "docker"],
    ] {
        let built = model().args(["build", "m", "-q"]).args(form).run();
        for more in [&[][..], &["-j", "1"], &["--no-sync", "--no-cache"], &["--link", "hard"]] {
            let out = built.then().args(["extract", "-q", form[1], "out"]).args(more).run();
            assert_eq!(out.text(), built.text());
            if more != ["--link", "hard"] {
                check(&built.dir());
            }
            fs_err::remove_dir_all(built.dir().join("out")).unwrap();
        }
    }
}

/// As skopeo leaves it.
#[test]
fn out_of_the_hands_of_another_tool() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let built = model().args(["build", "m", "-q", "-o", "a", "-t", "x:v1"]).run();
    for (to, reference) in [("oci:b:v1", "oci:b:v1"), ("oci-archive:b.tar:v1", "b.tar")] {
        skopeo.approve(&built.dir(), ["--insecure-policy", "copy", "-q", "oci:a:v1", to]);
        built.then().args(["extract", "-q", reference, "out"]).run();
        check(&built.dir());
        fs_err::remove_dir_all(built.dir().join("out")).unwrap();
    }
}

#[test]
fn it_says_what_it_did() {
    let test = Test::new();
    super::artifact(&test, "a", &[raw("b/c", "12"), raw("a", "12"), raw("d", "345")]);
    let out = test
        .args(["extract", "a", "out", "--format", "json"])
        .stdout(str![[r#"
{
  "digest": "[..]",
  "files": [
    {
      "digest": "sha256:6b51d431df5d7f141cbececcf79edf3dd861c3b4069f0b11661a3eefacbba918",
      "outcome": "written",
      "path": "a",
      "replaced": false,
      "size": 2
    },
    {
      "digest": "sha256:6b51d431df5d7f141cbececcf79edf3dd861c3b4069f0b11661a3eefacbba918",
      "outcome": "written",
      "path": "b/c",
      "replaced": false,
      "size": 2
    },
    {
      "digest": "sha256:da70dfa4d9f95ac979f921e8e623358236313f334afcd06cddf8a5621cf6a1e9",
      "outcome": "written",
      "path": "d",
      "replaced": false,
      "size": 3
    }
  ],
  "leftOut": 0,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "root": "out",
  "version": 1
}

"#]])
        .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 3 files, 7 B; 3 written

"#]])
        .run();
    out.then()
        .args(["extract", "a", "new/er/out"])
        .stdout(str![[r#"
[..]  new/er/out

"#]])
        .run();
    assert_eq!(
        contents(&out.dir().join("out")),
        contents(&out.dir().join("new/er/out"))
    );
}

#[test]
fn parts_of_it() {
    let test = Test::new();
    super::artifact(
        &test,
        "a",
        &[
            raw("a.gguf", "1"),
            raw("b.json", "2"),
            raw("c/d.json", "3"),
            raw("", "4"),
        ],
    );
    let mut last = test;
    for (args, files) in [
        (&["--include", "*.json"][..], &["b.json", "c", "c/d.json"][..]),
        (&["--include", "**", "--exclude", "*.json"], &["a.gguf"]),
        (&["--include", "**", "--exclude", "c/*", "--exclude", "a*"], &["b.json"]),
        (&["--include", "**"], &["a.gguf", "b.json", "c", "c/d.json"]),
        (&["--include", "/*.json"], &["b.json"]),
        (&["--include", "./b.json"], &["b.json"]),
        (&["--include", "c"], &["c", "c/d.json"]),
        (&["--include", "*", "--exclude", "c/"], &["a.gguf", "b.json"]),
    ] {
        let out = last.args(["extract", "-q", "a", "out"]).args(args).run();
        let found: Vec<_> = contents(&out.dir().join("out")).into_keys().collect();
        assert_eq!(found, files, "{args:?}");
        fs_err::remove_dir_all(out.dir().join("out")).unwrap();
        last = out.then();
    }
}

/// Whatever bits an artifact states.
#[test]
fn modes_and_times() {
    let test = Test::new();
    let layers: Vec<_> = [
        ("plain", r#"{"mode": 420, "mtime": "2001-09-09T01:46:40Z"}"#),
        ("suid", r#"{"mode": 2541, "mtime": "2001-09-09T03:46:40.5+02:00"}"#),
        ("open", r#"{"mode": 511}"#),
        ("closed", r#"{"mode": 0}"#),
        ("wrong", r#"{"mode": "x"}"#),
        ("old", r#"{"mode": 420, "mtime": "1950-01-01T00:00:00.5Z"}"#),
        ("late", r#"{"mode": 420, "mtime": "9999-12-31T23:59:59Z"}"#),
        ("none", ""),
        (
            "twice",
            r#"{"mode": 384, "mtime": "2001-09-09T01:46:40Z", "mode": 493, "mtime": "2001-09-09T01:46:40Z"}"#,
        ),
        (
            "float",
            r#"{"mode": 493.0, "uid": -1, "mtime": "2001-09-09T01:46:40Z"}"#,
        ),
    ]
    .into_iter()
    .map(|(path, metadata)| {
        let annotations = serde_json::json!({
            "org.cncf.model.filepath": path,
            "org.cncf.model.file.metadata+json": metadata,
        });
        (
            "application/vnd.cncf.model.weight.v1.raw",
            annotations,
            path.as_bytes().to_vec(),
        )
    })
    .collect();
    described(&test, "a", &layers);
    let out = test.args(["extract", "-q", "a", "out"]).run();
    let time = |path: &str| {
        let metadata = fs_err::metadata(out.dir().join("out").join(path)).unwrap();
        (metadata.mtime(), metadata.mtime_nsec())
    };
    assert_eq!(time("plain"), (1_000_000_000, 0));
    assert_eq!((time("twice"), time("float")), (time("plain"), time("plain")));
    assert_eq!(time("suid"), (1_000_000_000, 500_000_000));
    assert_eq!(time("old"), (-631_152_000, 500_000_000));
    // The latest that the file system keeps.
    assert!(time("late").0 >= i64::from(i32::MAX), "{:?}", time("late"));
    let modes = tree(&out.dir().join("out"));
    assert_eq!(
        modes,
        "0400        6 closed\n0644        5 float\n0644        4 late\n0644        4 none\n0644        3 old\n0755        4 open\n\
         0644        5 plain\n0755        4 suid\n0755        5 twice\n0644        5 wrong\n"
    );
}

/// Directories may say which mode the files have that are made in them.
#[test]
fn modes_where_a_directory_has_a_default_acl() {
    // As `setfacl -d -m u::rwx,g::-,o::-` writes it: the version, then the tag, the permissions and no identifier of each.
    let mut acl = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions) in [(0x01_u16, 7_u16), (0x04, 0), (0x20, 0)] {
        acl.extend([tag.to_le_bytes(), permissions.to_le_bytes()].concat());
        acl.extend(u32::MAX.to_le_bytes());
    }
    let test = Test::new();
    artifact(&test, "a", &[raw("plain", "1"), raw("d/below", "2")]);
    let out = test.dir().join("out");
    fs_err::create_dir(&out).unwrap();
    let set = rustix::fs::setxattr(&out, "system.posix_acl_default", &acl, rustix::fs::XattrFlags::empty());
    if set == Err(rustix::io::Errno::OPNOTSUPP) {
        return skip("use a file system that has access control lists");
    }
    set.unwrap();
    fs_err::write(out.join("by hand"), "").unwrap();
    let out = test.args(["extract", "-q", "a", "out"]).run();
    assert_eq!(
        tree(&out.dir().join("out")),
        "0600        0 by hand\n0700        0 d/\n0644        1 d/below\n0644        1 plain\n"
    );
}
