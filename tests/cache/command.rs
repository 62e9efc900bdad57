//! `modelbuild cache`: what is there, and what of it goes.

use std::time::{Duration, SystemTime};

use modelbuild::cache::{Cache, Pruned};
use snapbox::str;

use super::{CACHE, Place, SHARDS, known, learn, model, rest};
use crate::harness::{Test, snapshot};
use crate::watch::Watch;

#[test]
fn it_is_shown_pruned_and_cleared() {
    let first = model().args(["build", "m", "-q", "--dry-run"]).run();
    let cache = |args: &[&str]| first.then().cached().args(["cache"]).args(args);
    let shown = cache(&[]).stderr("").run();
    let path = fs_err::canonicalize(first.dir()).unwrap();
    let path = path.parent().unwrap().join("home/cache_home/modelbuild");
    let lines: Vec<&str> = shown.text().lines().collect();
    assert_eq!(lines[0], format!("path     {}", path.display()));
    assert_eq!(lines[1], "entries  3");
    assert!(
        lines[2].starts_with("size     ") && lines[3].starts_with("oldest   20"),
        "{lines:?}"
    );

    let json = cache(&["--format", "json"]).run();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let directory = first.dir().join(CACHE).join(SHARDS);
    let shards = fs_err::read_dir(directory).unwrap().map(Result::unwrap);
    let bytes: u64 = shards.map(|shard| shard.metadata().unwrap().len()).sum();
    assert_eq!(json["entries"], 3);
    assert_eq!(json["bytes"], bytes);

    cache(&["prune"]).stdout("0 digests removed, 3 kept\n").run();
    fs_err::remove_file(first.dir().join("m/README.md")).unwrap();
    fs_err::write(first.dir().join("m/config.json"), "[]\n").unwrap();
    cache(&["prune"]).stdout("2 digests removed, 1 kept\n").run();
    let watch = Watch::new([first.dir().join("m")]);
    let test = first.then().file("m/README.md", "# tiny\n");
    test.cached().args(["build", "m", "-q", "--dry-run"]).run();
    let opened = watch.opened();
    assert!(
        opened.contains("config.json") && !opened.contains("m.gguf"),
        "{opened:?}"
    );

    cache(&["prune", "--older-than", "1"])
        .stdout("0 digests removed, 1 kept\n")
        .run();
    rest();
    cache(&["prune", "--older-than", "0"])
        .stdout("1 digest removed, 0 kept\n")
        .run();
    cache(&["clear"]).stdout("0 digests removed\n").run();
    cache(&["prune", "--format", "json"])
        .stdout(str![[r#"
{
  "kept": 0,
  "removed": 0,
  "uploads": 0,
  "version": 1
}

"#]])
        .run();
    first.then().cached().args(["build", "m", "-q", "--dry-run"]).run();
    cache(&["clear", "--format", "json"])
        .stdout(str![[r#"
{
  "kept": 0,
  "removed": 3,
  "uploads": 0,
  "version": 1
}

"#]])
        .run();
}

#[test]
fn of_what_was_cleared_nothing_is_left() {
    let place = Place::new();
    for name in ["a", "b"] {
        learn(&place.cache(), &place.file(name, name));
    }
    fs_err::write(place.path("cache").join(SHARDS).join(".modelbuild-left"), "").unwrap();
    assert_eq!(place.cache().clear().unwrap(), 2);
    assert!(place.shards().is_empty());
    assert_eq!(place.cache().clear().unwrap(), 0);
    assert_eq!(Cache::new(&place.path("nothing")).clear().unwrap(), 0);
    assert!(!place.path("nothing").exists());
}

#[test]
fn what_is_pruned_is_gone_changed_old_or_broken() {
    let place = Place::new();
    let old = Cache::new(&place.path("cache")).with_clock(|| SystemTime::now() + Duration::from_secs(10));
    let new = Cache::new(&place.path("cache")).with_clock(|| SystemTime::now() + Duration::from_hours(100));
    let [kept, gone, changed] = ["kept", "gone", "changed"].map(|name| place.file(name, name));
    for path in [&kept, &gone, &changed] {
        learn(&old, path);
    }
    fs_err::remove_file(gone).unwrap();
    fs_err::write(&changed, "another").unwrap();
    let broken = place.path("cache").join(SHARDS).join("zz");
    fs_err::write(&broken, "not a shard of ours").unwrap();
    let hours = |hours| Some(Duration::from_hours(hours));
    assert_eq!(new.prune(None).unwrap(), Pruned { removed: 2, kept: 1 });
    assert!(known(&old, &kept).is_some());
    assert_eq!(new.prune(hours(101)).unwrap(), Pruned { removed: 0, kept: 1 });
    assert_eq!(new.prune(hours(99)).unwrap(), Pruned { removed: 1, kept: 0 });
    assert!(known(&old, &kept).is_none());
    // No shard of ours has that name; so it is nobody's business.
    assert!(broken.exists());
    let broken = place.path("cache").join(SHARDS).join("00");
    fs_err::write(&broken, "cut off").unwrap();
    assert_eq!(new.prune(None).unwrap(), Pruned::default());
    assert!(!broken.exists());
}

#[test]
fn a_place_that_is_not_ours_is_left_alone() {
    let test = Test::new().file("file", "");
    let before = snapshot(&test.dir());
    let test = test
        .args(["cache", "clear", "--cache-dir", "file"])
        .status(1)
        .stderr(str![[r#"
error: the digest cache cannot be used: failed to query raw metadata `file/digests-1`: Not a directory (os error 20)

"#]])
        .run();
    assert_eq!(before, snapshot(&test.dir()));
    let without = test.then().args(["cache"]).env("HOME", "").env("XDG_CACHE_HOME", "");
    without
        .status(1)
        .stderr(str![[r#"
error: there is no place for a cache: neither `XDG_CACHE_HOME` nor `HOME` is set
  = help: name one with `--cache-dir`

"#]])
        .run();
    // By the environment, as a build is told.
    let named = test.then().args(["cache", "prune"]).env("MODELBUILD_CACHE_DIR", "file");
    named.status(1).run();
}
