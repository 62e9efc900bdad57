//! What is there already is left alone, and what is not the artifact's too.

use std::fs::FileTimes;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use snapbox::str;

use super::{artifact, packed, raw, tar};
use crate::harness::{Output, Test, clean, snapshot};
use crate::serving::noise;

/// Sets the time of a file's last change.
fn set_modified(path: &Path, seconds: u64) {
    let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    fs_err::File::open(path).unwrap().set_times(times).unwrap();
}

/// A large file, a small one, and one out of a tar, extracted to `out`.
fn extracted() -> Output {
    let test = Test::new();
    let bytes = tar(&[(tar::EntryType::Regular, "t", b"tar\n")]);
    artifact(
        &test,
        "a",
        &[
            raw("w.gguf", noise(2_000_000)),
            raw("d/small", "small\n"),
            packed(bytes),
        ],
    );
    test.cached().args(["extract", "-q", "a", "out"]).run()
}

fn again(output: &Output) -> Test {
    output.then().cached().args(["extract", "a", "out"])
}

/// Makes every blob of `a` another one of the same size.
fn spoil(dir: &Path) {
    for entry in fs_err::read_dir(dir.join("a/blobs/sha256")).unwrap() {
        let path = entry.unwrap().path();
        let size = fs_err::metadata(&path).unwrap().len();
        if size == 2_000_000 || size == 6 {
            fs_err::write(&path, vec![b'x'; usize::try_from(size).unwrap()]).unwrap();
        }
    }
}

/// As for any new file; the owner can always read.
#[test]
fn the_umask_counts() {
    for (umask, directory, file) in [("022", 0o755, 0o644), ("077", 0o700, 0o600)] {
        let test = Test::new();
        let bytes = tar(&[(tar::EntryType::Regular, "t", b"tar\n")]);
        artifact(&test, "a", &[raw("d/small", "small\n"), packed(bytes)]);
        let test = test.args(["extract", "-q", "a", "out"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask \"$0\" && exec \"$@\"", umask]);
        let command = test.command();
        shell.arg(command.get_program()).args(command.get_args());
        clean(&mut shell, &test.dir());
        assert!(shell.current_dir(test.dir()).status().unwrap().success());
        for (path, mode) in [("", directory), ("d", directory), ("d/small", file), ("t", directory)] {
            let found = fs_err::metadata(test.dir().join("out").join(path))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(found & 0o777, mode, "umask {umask}, `{path}`: {found:o}");
        }
    }
}

#[test]
fn what_did_not_change_is_neither_read_nor_written() {
    let first = extracted();
    let out = first.dir().join("out");
    let before = snapshot(&out);
    spoil(&first.dir());
    again(&first)
        .stderr(str![[r#"
`out` is up to date with `a`: 3 files, 2.00 MB

"#]])
        .run();
    assert_eq!(snapshot(&out), before);
}

/// Then it is read, and still not fetched.
#[test]
fn without_a_cache_too() {
    let first = extracted();
    let before = snapshot(&first.dir().join("out/d"));
    spoil(&first.dir());
    again(&first).args(["--no-cache"]).run();
    assert_eq!(snapshot(&first.dir().join("out/d")), before);
}

#[test]
fn what_changed_is_replaced_whatever_its_time() {
    let first = extracted();
    let out = first.dir().join("out");
    let before = fs_err::metadata(out.join("d/small")).unwrap();
    fs_err::write(out.join("d/small"), "other\n").unwrap();
    set_modified(&out.join("d/small"), u64::try_from(before.mtime()).unwrap());
    again(&first)
        .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 3 files, 2.00 MB; 1 written, 2 there already
note: 1 file that differed was replaced: `d/small`
  = help: to keep what is there, extract to another directory

"#]])
        .run();
    assert_eq!(fs_err::read_to_string(out.join("d/small")).unwrap(), "small\n");
}

#[test]
fn what_lost_its_mode_gets_it_back() {
    let first = extracted();
    let small = first.dir().join("out/d/small");
    fs_err::set_permissions(&small, PermissionsExt::from_mode(0o600)).unwrap();
    let inode = fs_err::metadata(&small).unwrap().ino();
    spoil(&first.dir());
    again(&first).run();
    let metadata = fs_err::metadata(&small).unwrap();
    assert_eq!((metadata.mode() & 0o7777, metadata.ino()), (0o644, inode));
    again(&first)
        .stderr(str![[r#"
`out` is up to date with `a`: 3 files, 2.00 MB

"#]])
        .run();
}

#[test]
fn what_is_nobodys_business_stays() {
    let first = extracted();
    let out = first.dir().join("out");
    fs_err::write(out.join("mine"), "mine\n").unwrap();
    fs_err::write(out.join("d/mine"), "mine\n").unwrap();
    std::os::unix::fs::symlink("nowhere", out.join("link")).unwrap();
    let before = snapshot(&out);
    again(&first).run();
    assert_eq!(snapshot(&out), before);
}

/// Two files with the same bytes, one of which is there.
#[test]
fn what_is_there_under_another_name_is_copied() {
    let test = Test::new();
    artifact(
        &test,
        "a",
        &[raw("b", "same\n"), raw("c", "same\n"), raw("d/e", "same\n")],
    );
    let first = test.cached().args(["extract", "-q", "a", "out"]).run();
    let out = first.dir().join("out");
    fs_err::remove_file(out.join("b")).unwrap();
    fs_err::write(out.join("d/e"), "other").unwrap();
    spoil(&first.dir());
    again(&first).run();
    for path in ["b", "c", "d/e"] {
        assert_eq!(fs_err::read_to_string(out.join(path)).unwrap(), "same\n");
    }
}

#[test]
fn links_to_the_layout_are_made_where_they_are_asked_for() {
    let test = Test::new();
    artifact(
        &test,
        "a",
        &[
            raw("w.gguf", noise(2_000_000)),
            raw("d/small", "small\n"),
            raw("e", "small\n"),
        ],
    );
    let first = test
        .cached()
        .args(["extract", "a", "out", "--link", "hard"])
        .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 3 files, 2.00 MB; 3 linked

"#]])
        .run();
    let inode = |path: &str| fs_err::metadata(first.dir().join("out").join(path)).unwrap().ino();
    let blobs = fs_err::read_dir(first.dir().join("a/blobs/sha256")).unwrap();
    let blobs: Vec<_> = blobs.map(|blob| blob.unwrap().metadata().unwrap().ino()).collect();
    for path in ["w.gguf", "d/small", "e"] {
        assert!(blobs.contains(&inode(path)), "{path}");
    }
    again(&first)
        .args(["--link", "hard"])
        .stderr(str![[r#"
`out` is up to date with `a`: 3 files, 2.00 MB

"#]])
        .run();
    crate::layout::check(&first.dir().join("a"));
}

/// A name of a file has its inode to itself: what else is a link to the old one stays as it is.
#[test]
fn a_file_that_is_replaced_is_not_written_to() {
    let first = extracted();
    let out = first.dir().join("out");
    fs_err::write(out.join("d/small"), "other\n").unwrap();
    fs_err::hard_link(out.join("d/small"), first.dir().join("kept")).unwrap();
    again(&first).run();
    assert_eq!(fs_err::read_to_string(first.dir().join("kept")).unwrap(), "other\n");
    assert_eq!(fs_err::read_to_string(out.join("d/small")).unwrap(), "small\n");
}

/// Two at once would sweep away each other's unfinished files.
#[test]
fn one_process_at_a_time() {
    let first = extracted();
    let out = fs_err::File::open(first.dir().join("out")).unwrap();
    rustix::fs::flock(&out, rustix::fs::FlockOperation::LockExclusive).unwrap();
    again(&first)
        .status(1)
        .stderr(str![[r#"
error: another process is extracting to `out`
  = help: wait until it is done, or extract to another directory

"#]])
        .run();
}

/// A pattern with a mistake in it looks like success otherwise.
#[test]
fn patterns_that_leave_nothing_are_told() {
    let test = Test::new();
    artifact(&test, "a", &[raw("w.gguf", "1")]);
    let refused = test
        .args(["extract", "a", "out", "--include", "*.guf"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: no layer of `a` matches `*.guf`
  = help: it has `w.gguf`; `modelbuild inspect` lists the paths of its layers

"#]])
        .run();
    let refused = refused
        .then()
        .args(["extract", "a", "out", "--exclude", "*.gguf"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: no layer of `a` is left by `--exclude *.gguf`
  = help: it has `w.gguf`; `modelbuild inspect` lists the paths of its layers

"#]])
        .run();
    assert!(!refused.dir().join("out").exists());
    // Whoever wants to know what a model is may ask that of one that is weights alone.
    refused
        .then()
        .args(["extract", "a", "out", "--no-weights"])
        .stderr(str![[r#"
`out` is up to date with `a`: 0 files, 0 B
note: nothing was extracted, for all layers were left out
  = help: `modelbuild inspect` lists the paths that `--include` and `--exclude` can match

"#]])
        .run();
}

#[test]
fn standard_output_is_no_directory() {
    let test = Test::new();
    artifact(&test, "a", &[raw("w.gguf", "1")]);
    test.args(["extract", "a", "-"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: files are extracted to a directory, and not to standard output
  = help: name a directory; `./-` is one of that name

"#]])
        .run();
}

#[test]
fn a_closed_directory_is_said_in_one_line() {
    let test = Test::new();
    artifact(&test, "a", &[raw("w.gguf", "1")]);
    fs_err::create_dir(test.dir().join("closed")).unwrap();
    fs_err::set_permissions(test.dir().join("closed"), PermissionsExt::from_mode(0o555)).unwrap();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    test.by_nobody()
        .args(["extract", "a", "closed"])
        .status(1)
        .stderr(str![[r#"
error: cannot write the output: `closed/.modelbuild-extract`: Permission denied (os error 13)
  = help: extract to a directory that you can write to, with space for the files; nothing was extracted

"#]])
        .run();
}

/// Though each time all of it is read: which files are in it, nobody knows before.
#[test]
fn what_is_in_a_tar_and_did_not_change_is_not_written() {
    use std::io::Write as _;
    let bytes = tar(&[
        (tar::EntryType::Regular, "t", b"tar\n"),
        (tar::EntryType::Regular, "d/large", &noise(2_000_000)),
    ]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    let gzip = gzip.finish().unwrap();
    for (encoding, bytes) in [("tar", bytes), ("tar+gzip", gzip)] {
        let test = Test::new();
        let media_type = format!("application/vnd.cncf.model.dataset.v1.{encoding}");
        artifact(&test, "a", &[(&media_type, "packed", bytes)]);
        let first = test.cached().args(["extract", "-q", "a", "out"]).run();
        let out = first.dir().join("out");
        let before = snapshot(&out);
        let up_to_date = "`out` is up to date with `a`: 2 files, 2.00 MB\n";
        again(&first).stderr(up_to_date).run();
        assert_eq!(snapshot(&out), before);
        // Where the cache knows nothing, what is there is read.
        again(&first).args(["--no-cache"]).stderr(up_to_date).run();
        assert_eq!(snapshot(&out), before);
        // The same size and time, and other bytes.
        let modified = fs_err::metadata(out.join("t")).unwrap().mtime();
        fs_err::write(out.join("t"), "TAR\n").unwrap();
        set_modified(&out.join("t"), u64::try_from(modified).unwrap());
        for options in [&[][..], &["--no-cache"]] {
            again(&first).args(options).run();
            assert_eq!(fs_err::read_to_string(out.join("t")).unwrap(), "tar\n");
        }
        let inode = fs_err::metadata(out.join("t")).unwrap().ino();
        fs_err::set_permissions(out.join("t"), PermissionsExt::from_mode(0o600)).unwrap();
        again(&first)
            .stderr(str![[r#"
extracted `a` to `out` in [TIME]: 2 files, 2.00 MB; 1 written, 1 there already
note: 1 file that differed was replaced: `t`
  = help: to keep what is there, extract to another directory

"#]])
            .run();
        let metadata = fs_err::metadata(out.join("t")).unwrap();
        assert!(metadata.ino() != inode && metadata.mode() & 0o7777 == 0o755);
    }
}
