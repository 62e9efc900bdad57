//! A build that finds everything as it should be writes nothing, and says so.

use std::path::Path;

use snapbox::str;

use super::{CACHE, TINY, files, model, rest};
use crate::harness::{Output, Test, snapshot};
use crate::watch::Watch;
use crate::{layout, mount};

/// Builds again, and tells whether it said that there was nothing to do.
fn is_up_to_date(built: &Output, args: &[&str]) -> bool {
    let again = built.then().cached().args(args).run();
    again.stderr.ends_with("is up to date: 3 layers, 18 B\n")
}

#[test]
fn nothing_is_written_and_that_is_said() {
    for args in [
        &["build", "m", "-o", "out"][..],
        &["build", "m", "-o", "out", "-t", "tiny:v1", "-t", "tiny:v2"],
        &["build", "m", "-o", "place/out.tar"],
        &["build", "m", "-o", "place/out.tar", "-o", "out", "-t", "tiny:v1"],
        &["build", "m", "-o", "place/out.tar", "-o", "place/other.tar"],
    ] {
        let first = model().args(args).run();
        assert!(first.stderr.contains("built `tiny` in"), "{}", first.stderr);
        let watch = Watch::new([first.dir(), first.dir().join(CACHE)]);
        assert!(is_up_to_date(&first, args), "{args:?}");
        assert_eq!(watch.opened().intersection(&files(["m.gguf"])).count(), 0);
        assert!(is_up_to_date(&first, args), "{args:?}");
        assert_eq!(watch.changed(), files([]), "{args:?}");
    }
}

#[test]
fn json_says_so_too() {
    let args = ["build", "m", "-o", "out", "--format", "json", "--progress", "json"];
    let first = model().args(args).run();
    let second = first.then().cached().args(args).run();
    for (run, expected) in [(&first, false), (&second, true)] {
        let result: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        let done: serde_json::Value = serde_json::from_str(run.stderr.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&result["upToDate"], &done["upToDate"]),
            (&expected.into(), &expected.into())
        );
    }
    let dry = first.then().cached().args(args).args(["--dry-run"]).run();
    let result: serde_json::Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!(result["upToDate"], false);
}

/// Without a cache too: what is there is compared by its digests.
#[test]
fn a_layout_is_up_to_date_whoever_knows_the_digests() {
    let args = ["build", "m", "-o", "out", "--no-cache"];
    let first = model().args(args).run();
    let before = snapshot(&first.dir().join("out"));
    first
        .then()
        .args(args)
        .stderr(str![[r#"
`tiny` is up to date: 3 layers, 18 B

"#]])
        .run();
    assert_eq!(before, snapshot(&first.dir().join("out")));
}

#[test]
fn what_is_missing_is_made_again() {
    let args = ["build", "m", "-o", "out"];
    let first = model().args(args).run();
    let out = first.dir().join("out");
    for name in [
        "index.json",
        // The weights, and the manifest.
        "blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0",
        "blobs/sha256/208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6",
    ] {
        // Without its index it is no layout; an empty index has no artifact.
        if name == "index.json" {
            fs_err::write(out.join(name), r#"{"schemaVersion":2,"manifests":[]}"#).unwrap();
        } else if name.contains("208656") {
            fs_err::write(out.join("index.json"), r#"{"schemaVersion":2,"manifests":[]}"#).unwrap();
            fs_err::remove_file(out.join(name)).unwrap();
        } else {
            fs_err::remove_file(out.join(name)).unwrap();
        }
        assert!(!is_up_to_date(&first, &args), "{name}");
        assert_eq!(layout::check(&out).manifests[0].0, TINY);
        assert!(is_up_to_date(&first, &args), "{name}");
    }
}

#[test]
fn a_layout_on_a_read_only_file_system_can_be_up_to_date() {
    let args = ["build", "m", "-o", "out"];
    let first = model().args(args).run();
    let out = first.dir().join("out");
    let Some(_mounted) = mount::read_only(&out) else {
        return;
    };
    assert!(is_up_to_date(&first, &args));
    let test = first.then().file("m/README.md", "# other\n");
    let failed = test.cached().args(args).status(1).run();
    assert!(failed.stderr.contains("Read-only file system"), "{}", failed.stderr);
}

/// Does something to a tar that must not be taken for what it was.
type Change = fn(&Path);

#[test]
fn a_tar_that_was_touched_is_written_again() {
    let same_size_and_time: Change = |tar| {
        let modified = fs_err::metadata(tar).unwrap().modified().unwrap();
        let mut bytes = fs_err::read(tar).unwrap();
        let at = bytes.windows(8).position(|window| window == b"weights\n").unwrap();
        bytes[at] = b'W';
        fs_err::write(tar, bytes).unwrap();
        let file = fs_err::OpenOptions::new().write(true).open(tar).unwrap();
        file.file().set_modified(modified).unwrap();
    };
    let replaced: Change = |tar| {
        let copy = tar.with_extension("copy");
        fs_err::copy(tar, &copy).unwrap();
        let modified = fs_err::metadata(tar).unwrap().modified().unwrap();
        let file = fs_err::OpenOptions::new().write(true).open(&copy).unwrap();
        file.file().set_modified(modified).unwrap();
        fs_err::rename(copy, tar).unwrap();
    };
    let removed: Change = |tar| fs_err::remove_file(tar).unwrap();
    let truncated: Change = |tar| fs_err::write(tar, "").unwrap();
    let args = ["build", "m", "-o", "out.tar"];
    let first = model().args(args).run();
    let tar = first.dir().join("out.tar");
    let whole = fs_err::read(&tar).unwrap();
    for change in [same_size_and_time, replaced, removed, truncated] {
        change(&tar);
        assert!(!is_up_to_date(&first, &args));
        assert_eq!(fs_err::read(&tar).unwrap(), whole);
        assert!(is_up_to_date(&first, &args));
    }
    // Another artifact, or other names.
    let named = ["build", "m", "-o", "out.tar", "-t", "tiny:v1"];
    assert!(!is_up_to_date(&first, &named));
    assert!(is_up_to_date(&first, &named));
    assert!(!is_up_to_date(&first, &args));
    assert!(!is_up_to_date(
        &first,
        &["build", "m", "-o", "out.tar", "--annotation", "a=b"]
    ));
    assert!(!is_up_to_date(&first, &args));
    assert_eq!(fs_err::read(&tar).unwrap(), whole);
}

#[test]
fn a_tar_is_remembered_only_where_that_is_sound() {
    let first = model().args(["build", "m", "-o", "out.tar", "--no-sync"]).run();
    // A power failure could have taken its bytes.
    assert!(!is_up_to_date(&first, &["build", "m", "-o", "out.tar"]));
    assert!(!is_up_to_date(&first, &["build", "m", "-o", "out.tar", "--no-cache"]));
    assert!(!is_up_to_date(&first, &["build", "m", "-o", "out.tar"]));
    assert!(is_up_to_date(&first, &["build", "m", "-o", "out.tar"]));
}

#[test]
fn times_that_are_set_for_make_do_not_make_a_tar_another_one() {
    let args = ["build", "m", "-o", "out.tar", "--depfile", "out.d"];
    let first = model().args(args).run();
    for _ in 0..3 {
        let before = fs_err::metadata(first.dir().join("out.tar"))
            .unwrap()
            .modified()
            .unwrap();
        assert!(is_up_to_date(&first, &args));
        let after = fs_err::metadata(first.dir().join("out.tar"))
            .unwrap()
            .modified()
            .unwrap();
        assert!(after > before);
    }
}

/// An inode of 128 bytes has no room for parts of a second: whatever is written within one leaves the same times.
#[test]
fn a_tar_is_not_remembered_where_clocks_tick_in_seconds() {
    let test = model();
    let Some(_mounted) = mount::coarse(&test.dir().join("coarse")) else {
        return;
    };
    let args = ["build", "m", "-o", "coarse/out.tar"];
    let first = test.args(args).run();
    assert!(!is_up_to_date(&first, &args));
    rest();
    // Nor later: it was not at rest when it was written.
    assert!(!is_up_to_date(&first, &args));
}

#[test]
fn of_a_changed_model_what_did_not_change_is_there_already() {
    let args = ["build", "m", "-o", "out"];
    let first = model().args(args).run();
    first
        .then()
        .file("m/config.json", "[]\n")
        .cached()
        .args(args)
        .stderr(str![[r#"
note: in `out` this takes the place of sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6, which had no tag
  = help: it is no longer listed, and the next `prune` removes what only it has; to keep several artifacts, give each a tag
built `tiny` in [TIME]: 3 layers, 18 B; 1 written, 2 there already

"#]])
        .run();
    let moved: Test = first.then();
    fs_err::rename(first.dir().join("m"), first.dir().join("n")).unwrap();
    let watch = Watch::new([first.dir().join("n")]);
    moved.cached().args(["build", "n", "-o", "out"]).run();
    assert!(!watch.opened().contains("m.gguf"));
}
