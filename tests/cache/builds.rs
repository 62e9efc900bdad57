//! What a build reads when it knows the digests, and what becomes of wrong ones.

use std::path::Path;
use std::process::Command;

use modelbuild::digest::Digest;
use snapbox::str;

use super::{CACHE, SHARDS, TINY, files, model, rest};
use crate::harness::{Output, Test, clean, for_nobody, sha256, snapshot, tree};
use crate::tiny::tiny;
use crate::watch::Watch;
use crate::{layout, mount};

/// Puts another digest for the content `of` into the cache, as if it had been recorded.
fn tamper(cache: &Path, of: &[u8], digest: &Digest) {
    let mut tampered = 0;
    for entry in fs_err::read_dir(cache.join(SHARDS)).unwrap() {
        let path = entry.unwrap().path();
        let text = fs_err::read_to_string(&path).unwrap();
        let (_, body) = text.split_once('\n').unwrap();
        tampered += body.matches(&Digest::of(of).hex()).count();
        let body = body.replace(&Digest::of(of).hex(), &digest.hex());
        let header = format!("modelbuild-digests 1 {}", Digest::of(body.as_bytes()).hex());
        fs_err::write(path, format!("{header}\n{body}")).unwrap();
    }
    assert_eq!(tampered, 1);
}

#[test]
fn a_build_without_change_opens_no_weight_file_and_writes_nothing() {
    for arguments in [&["-o", "out"][..], &["-o", "out", "--tar"], &["--dry-run"]] {
        let build = |test: Test| test.cached().args(["build", "m", "-q"]).args(arguments).run();
        let first = build(model());
        let dir = first.dir();
        assert!(dir.join(CACHE).join(SHARDS).is_dir());
        let watch = Watch::new([dir.clone(), dir.join(CACHE)]);
        let second = build(first.then());
        assert_eq!(first.text(), second.text());
        let opened = watch.opened();
        for name in ["m.gguf", "config.json", "README.md"] {
            assert!(!opened.contains(name), "{arguments:?}: {opened:?}");
        }
        let before = tree(&dir);
        build(first.then());
        assert_eq!(watch.changed(), files([]));
        assert_eq!(before, tree(&dir));
    }
}

#[test]
fn of_one_changed_file_that_file_alone_is_read() {
    let first = model().args(["build", "m", "-q", "-o", "out"]).run();
    let test = first.then().file("m/config.json", "[]\n");
    let watch = Watch::new([first.dir().join("m")]);
    let second = test.cached().args(["build", "m", "-q", "-o", "out"]).run();
    assert_eq!(watch.opened(), files(["Modelfile", "config.json"]));
    assert_ne!(first.text(), second.text());
    let config = format!("{:#?}", layout::check(&first.dir().join("out")));
    assert!(config.contains(&sha256(b"[]\n")), "{config}");
}

#[test]
fn a_file_that_was_just_written_is_read_again() {
    let test = tiny().cached();
    let first = test.args(["-q", "-o", "out"]).run();
    let watch = Watch::new([first.dir()]);
    first.then().cached().args(["-q", "-o", "out"]).run();
    let opened = watch.opened();
    assert!(opened.contains("m.gguf"), "{opened:?}");
}

#[test]
fn no_cache_reads_everything_and_remembers_nothing() {
    let first = model().args(["build", "m", "-q", "--dry-run"]).run();
    let cache = first.dir().join(CACHE);
    fs_err::write(first.dir().join("m/m.gguf"), "weights\n").unwrap();
    rest();
    let before = snapshot(&cache);
    let watch = Watch::new([first.dir().join("m"), cache.clone()]);
    let args = ["build", "m", "-q", "--dry-run", "--no-cache"];
    first.then().cached().args(args).run();
    let opened = watch.opened();
    assert_eq!(opened, files(["Modelfile", "README.md", "config.json", "m.gguf"]));
    assert_eq!(before, snapshot(&cache));
}

#[test]
fn known_digests_are_checked_where_the_blobs_are_copied() {
    let first = model().args(["build", "m", "-q", "--dry-run"]).run();
    let watch = Watch::new([first.dir().join("m")]);
    let args = [
        "build", "m", "-q", "-o", "out", "-o", "out.tar", "-o", "linked", "--link", "hard",
    ];
    let second = first.then().cached().args(args).run();
    assert_eq!(
        watch.opened(),
        files(["Modelfile", "README.md", "config.json", "m.gguf"])
    );
    assert_eq!(second.text(), TINY);
    for name in ["out", "linked"] {
        assert_eq!(layout::check(&first.dir().join(name)).manifests.len(), 1);
    }
}

#[test]
fn with_known_digests_files_are_linked_still() {
    let first = model().args(["build", "m", "-q", "--dry-run"]).run();
    let args = ["build", "m", "-o", "out", "--link", "hard"];
    first
        .then()
        .cached()
        .args(args)
        .stderr(str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 linked

"#]])
        .run();
    layout::check(&first.dir().join("out"));
    // A link changes `ctime`.
    let watch = Watch::new([first.dir().join("m")]);
    first.then().cached().args(args).run();
    assert!(watch.opened().contains("m.gguf"));
}

#[test]
fn a_wrong_digest_in_the_cache_harms_no_build() {
    let first = model().args(["build", "m", "-q", "--dry-run"]).run();
    let cache = first.dir().join(CACHE);
    for (round, output) in ["out", "out.tar"].into_iter().enumerate() {
        tamper(&cache, b"weights\n", &Digest::of(b"others"));
        let args = ["build", "m", "-q", "-o", output, "-o", &format!("other{round}")];
        let second = first.then().cached().args(args).stderr("").run();
        assert_eq!(second.text(), TINY);
        // It is known rightly then, and everything else still.
        let watch = Watch::new([first.dir().join("m")]);
        let third = first.then().cached().args(["build", "m", "-q", "--dry-run"]).run();
        assert_eq!(third.text(), TINY);
        assert_eq!(watch.opened(), files(["Modelfile"]));
    }
    layout::check(&first.dir().join("out"));
}

#[test]
fn a_wrong_digest_is_told_where_bytes_have_gone_out() {
    let first = model().args(["build", "m", "-q", "--dry-run"]).run();
    let tamper = || tamper(&first.dir().join(CACHE), b"weights\n", &Digest::of(b"others"));
    tamper();
    let args = ["build", "m", "-q", "-o", "-"];
    first
        .then()
        .cached()
        .args(args)
        .status(1)
        .stderr(str![[r#"
error: the digest that the cache had of `m.gguf` is wrong, and standard output has a part of the tar already
  = help: run it again: the cache has given up that digest; `--no-cache` does without it

"#]])
        .run();
    let again = first.then().cached().args(args).run();
    assert_eq!(again.stderr.trim(), TINY);
    // A layout finds out before.
    tamper();
    let both = first.then().cached().args(args).args(["-o", "out"]).run();
    assert_eq!(both.stderr.lines().next(), Some(TINY));
    assert_eq!(both.stdout, again.stdout);
}

#[test]
fn a_place_that_was_named_and_cannot_be_used_is_worth_a_warning() {
    let test = model()
        .file("file", "")
        .args(["build", "m", "--dry-run", "--cache-dir", "file"])
        .stderr(str![[r#"
warning: the digest cache cannot be used: failed to query raw metadata `file/digests-1`: Not a directory (os error 20)
  = help: the build went on without it
hashed `tiny` in [TIME]: 3 layers, 18 B

"#]])
        .run();
    let json = test
        .then()
        .env("MODELBUILD_CACHE_DIR", "file")
        .args(["build", "m", "--dry-run", "--format", "json"])
        .run();
    assert!(json.text().contains("the digest cache cannot be used"));
    // Nobody asked for it.
    for (key, args) in [("XDG_CACHE_HOME", &[][..]), ("MODELBUILD_CACHE_DIR", &["--no-cache"])] {
        test.then()
            .env(key, test.dir().join("file"))
            .args(["build", "m", "--dry-run"])
            .args(args)
            .stderr(str![[r#"
hashed `tiny` in [TIME]: 3 layers, 18 B

"#]])
            .run();
    }
}

#[test]
fn the_place_can_be_chosen() {
    let first = model()
        .env("MODELBUILD_CACHE_DIR", "by-environment")
        .args(["build", "m", "-q", "--dry-run"])
        .run();
    let (dir, exists) = (first.dir(), |name: &str| first.dir().join(name).join(SHARDS).is_dir());
    assert!(exists("by-environment") && !dir.join(CACHE).exists());
    first
        .then()
        .env("MODELBUILD_CACHE_DIR", "by-environment")
        .args(["build", "m", "-q", "--dry-run", "--cache-dir", "by/option"])
        .run();
    assert!(exists("by/option"));
    // An empty variable is none.
    first
        .then()
        .cached()
        .env("MODELBUILD_CACHE_DIR", "")
        .args(["build", "m", "-q", "--dry-run"])
        .run();
    assert!(exists(CACHE));
}

#[test]
fn a_cache_in_the_context_is_not_packed() {
    let test = tiny().file("Modelfile", "NAME tiny\nMODEL .\n");
    let dir = test.dir();
    rest();
    let args = ["--cache-dir", ".", "--dry-run", "--format", "json"];
    let first = test.args(args).run();
    assert!(dir.join(SHARDS).is_dir());
    let second = first.then().args(args).run();
    let without = first.then().args(args).args(["--no-cache"]).run();
    assert_eq!(first.text(), second.text());
    assert_eq!(first.text(), without.text());
}

#[test]
fn a_cache_that_cannot_be_written_is_read() {
    if !mount::is_root() {
        return;
    }
    // What belongs to nobody, nobody can read; and then its directory is on a read-only file system.
    let test = model();
    let root = test.keep();
    let cache = root.path().join("home/cache_home");
    fs_err::create_dir(&cache).unwrap();
    std::os::unix::fs::chown(&cache, Some(crate::harness::NOBODY), None).unwrap();
    let args = ["build", "m", "-q", "--dry-run"];
    let build = || {
        let mut command = for_nobody(root.path());
        clean(&mut command, root.path());
        command.env("XDG_CACHE_HOME", &cache);
        let output = command
            .args(args)
            .current_dir(root.path().join("work"))
            .output()
            .unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), TINY);
    };
    build();
    assert!(cache.join("modelbuild").join(SHARDS).is_dir());
    let Some(mounted) = mount::read_only(&cache) else {
        return;
    };
    let watch = Watch::new([root.path().join("work/m")]);
    build();
    let opened = watch.opened();
    fs_err::write(root.path().join("work/m/m.gguf"), "weights\n").unwrap();
    rest();
    build();
    drop(mounted);
    assert_eq!(opened, files(["Modelfile"]));
}

#[test]
fn builds_at_once_share_a_cache() {
    let test = model();
    let root = test.keep();
    let children: Vec<_> = (0..6)
        .map(|number| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
            clean(&mut command, root.path());
            command
                .args(["build", "m", "-q", "-o", &format!("out{number}")])
                .env("XDG_CACHE_HOME", root.path().join("home/cache_home"))
                .current_dir(root.path().join("work"))
                .stdout(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), TINY);
    }
    let watch = Watch::new([root.path().join("work/m")]);
    let last: Output = test.args(["build", "m", "-q", "--dry-run"]).run();
    assert_eq!(last.text(), TINY);
    assert_eq!(watch.opened(), files(["Modelfile"]));
}
