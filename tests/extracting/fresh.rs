//! Into directories that are not there yet: each comes whole, as one rename shows it.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use snapbox::{assert_data_eq, str};

use super::{artifact, packed, raw, tar};
use crate::harness::{Test, clean};
use crate::layout::contents;
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Options, Registry};
use crate::serving::noise;

const STAGING: &str = ".modelbuild-extract";

/// Directories within directories, and what is in a tar among them.
fn build(test: &Test) {
    let paths: Vec<_> = (0..400)
        .map(|index| match index % 4 {
            0 => format!("d{}/{index}", index % 40),
            1 => format!("d{}/e/{index}", index % 40),
            2 => format!("d{}/e/f/g/{index}", index % 40),
            _ => format!("{index}"),
        })
        .collect();
    let mut layers: Vec<_> = paths.iter().map(|path| raw(path, path.as_bytes())).collect();
    layers.push(packed(tar(&[
        (tar::EntryType::Directory, "d0/e/empty/", b""),
        (tar::EntryType::Regular, "d0/in a tar", b"1"),
        (tar::EntryType::Regular, "t/u/in a tar", b"2"),
    ])));
    layers.push(raw("large", noise(4_000_000)));
    artifact(test, "a", &layers);
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelbuild"));
    clean(&mut command, dir.parent().unwrap());
    command.args(args).args(["-q", "--no-sync"]).current_dir(dir);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Waits for something, or for the end.
fn wait(child: &mut Child, is_now: impl Fn() -> bool) {
    while !is_now() && child.try_wait().unwrap().is_none() {}
}

#[test]
fn killed_at_any_moment() {
    const ROUNDS: u32 = 20;
    let test = Test::new();
    build(&test);
    let dir = test.dir();
    let out = dir.join("out");
    let extract = || command(&dir, &["extract", "a", "out"]);
    let begin = Instant::now();
    assert!(extract().status().unwrap().success());
    let whole = begin.elapsed();
    let expected = contents(&out);
    let (mut staged, mut shown) = (0, 0);
    for round in 0..5 * ROUNDS {
        fs_err::remove_dir_all(&out).unwrap();
        let mut child = extract().spawn().unwrap();
        let begin = Instant::now();
        wait(&mut child, || match round % 3 {
            0 => begin.elapsed() >= whole * (round % ROUNDS) / ROUNDS,
            1 => fs_err::read_dir(out.join(STAGING)).is_ok_and(|found| found.count() > 3),
            _ => out.join("d0/0").exists(),
        });
        child.kill().unwrap();
        let is_killed = child.wait().unwrap().code().is_none();
        let found = if out.exists() { contents(&out) } else { BTreeMap::new() };
        let (left, seen): (BTreeMap<_, _>, BTreeMap<_, _>) =
            found.into_iter().partition(|(path, _)| path.starts_with(STAGING));
        for (path, bytes) in &seen {
            assert_eq!(Some(bytes), expected.get(path), "round {round}: {path}");
        }
        staged += u32::from(is_killed && seen.is_empty() && left.keys().any(|path| path.contains("/directory-")));
        shown += u32::from(is_killed && !seen.is_empty() && seen.len() < expected.len());
        assert!(extract().status().unwrap().success());
        assert_eq!(contents(&out), expected, "round {round}");
        if round >= ROUNDS && staged >= 5 && shown >= 2 {
            return;
        }
    }
    panic!("killed {staged} times while files came, and {shown} times while directories got their places");
}

/// What others put where a directory is about to come, when its files are staged already.
#[test]
fn something_is_there_by_then() {
    let cases: [fn(&Path); 4] = [
        |out| fs_err::create_dir(out.join("d0")).unwrap(),
        |out| {
            fs_err::create_dir_all(out.join("d0/e")).unwrap();
            fs_err::write(out.join("d0/e/mine"), "mine").unwrap();
        },
        |out| fs_err::write(out.join("d0"), "mine").unwrap(),
        |out| symlink("../victim", out.join("d0")).unwrap(),
    ];
    let test = Test::new();
    build(&test);
    let dir = test.dir();
    let out = dir.join("out");
    fs_err::create_dir(dir.join("victim")).unwrap();
    assert!(command(&dir, &["extract", "a", "out"]).status().unwrap().success());
    let expected = contents(&out);
    let registry = Registry::start(Options::default());
    registry.hold("a/b", "v1", &dir.join("a"));
    let slow = || -> Rule { "GET */blobs/* always rate-down=4000000".parse().unwrap() };
    let mut said = Vec::new();
    for put in cases {
        fs_err::remove_dir_all(&out).unwrap();
        let proxy = Proxy::start(&registry.address(), [slow()]);
        let reference = format!("{}/a/b:v1", proxy.address());
        let mut child = command(&dir, &["pull", &reference, "--extract", "out"])
            .spawn()
            .unwrap();
        wait(&mut child, || {
            fs_err::read_dir(out.join(STAGING)).is_ok_and(|found| found.count() > 20)
        });
        put(&out);
        let done = child.wait_with_output().unwrap();
        let mut found = contents(&out);
        let mine = found.remove("d0/e/mine");
        if done.status.success() {
            assert_eq!(found, expected);
        }
        let stderr = String::from_utf8(done.stderr).unwrap();
        said.push(format!("{} {mine:?}\n{stderr}", done.status));
        assert_eq!(fs_err::read_dir(dir.join("victim")).unwrap().count(), 0);
    }
    assert_data_eq!(
        said.concat(),
        str![[r#"
exit status: 0 None
exit status: 0 Some("sha256:3fd30542fe3f61b14bd4a4b2dc0b6fb30fa6f63ebce52dd1778aaa8c4dc02cff")
exit status: 1 None
error: `out/d0` is a file, in the place of a directory; nothing was extracted
  = help: move it away, or extract to another directory
exit status: 1 None
error: `out/d0` is a symlink, which is not followed; nothing was extracted
  = help: move it away, or extract to another directory

"#]]
    );
}

/// What a killed process left, and what is none of ours.
#[test]
fn what_is_left_of_one() {
    let test = Test::new();
    artifact(&test, "a", &[raw("d/file", "1")]);
    let staging = test.dir().join("out").join(STAGING);
    fs_err::create_dir_all(staging.join("directory-7")).unwrap();
    fs_err::set_permissions(&staging, PermissionsExt::from_mode(0o700)).unwrap();
    fs_err::write(staging.join("directory-7/part"), "half").unwrap();
    let extracted = test.args(["extract", "-q", "a", "out"]).run();
    assert_eq!(
        contents(&extracted.dir().join("out")).into_keys().collect::<Vec<_>>(),
        ["d", "d/file"]
    );
    for name in ["directory-7/mine", "directory-", "directory-x"] {
        let staging = extracted.dir().join("out").join(STAGING);
        fs_err::create_dir_all(staging.join(name)).unwrap();
        extracted
            .then()
            .args(["extract", "-q", "a", "out"])
            .status(1)
            .stderr(str![[r#"
error: `out/.modelbuild-extract/directory-[..]` is a directory, where unfinished files are kept; nothing was extracted
  = help: move it away, or extract to another directory

"#]])
            .run();
        fs_err::remove_dir_all(&staging).unwrap();
    }
}
