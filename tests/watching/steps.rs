//! What makes a build, and what is said of it.

use snapbox::{assert_data_eq, str};

use super::{Watching, model};
use crate::harness::Test;
use crate::layout;

const FIRST: &str = "[NOW] built `m` [ID] in [TIME]: watching 2 directories";

fn built(why: &str) -> String {
    format!("[NOW] built `m` [ID] in [TIME]: {why}")
}

fn failed(why: &str) -> String {
    format!("[NOW] failed in [TIME]: {why}")
}

#[test]
fn every_change_makes_one_build_and_prints_its_digest() {
    let test = model();
    let dry = test.args(["m", "-n", "-q"]).run();
    let first = dry.text().to_owned();
    let watching = Watching::new(&dry.then(), &["m", "-o", "out"]);
    watching.says(FIRST);
    assert_eq!(watching.prints(), format!("{first}  out"));

    watching.write("m/a.gguf", "other weights");
    watching.says(&built("`m/a.gguf` changed"));
    assert_ne!(watching.prints(), format!("{first}  out"));
    watching.write("m/code/b.py", "1");
    watching.says(&built("`m/code/b.py` added"));
    watching.prints();
    fs_err::remove_file(watching.path("m/code/b.py")).unwrap();
    watching.says(&built("`m/code/b.py` removed"));
    watching.prints();
    watching.write("m/Modelfile", "NAME m\nFORMAT gguf\nMODEL a.gguf\n");
    watching.says(&built("`m/Modelfile` and `m/code/a.py` changed"));
    watching.prints();

    let last = dry.then().args(["m", "-n", "-q"]).run();
    watching.append("m/a.gguf", "!");
    watching.says(&built("`m/a.gguf` changed"));
    assert_ne!(watching.prints(), format!("{}  out", last.text()));
    watching.stop();
    layout::check(&dry.dir().join("out"));
}

#[test]
fn a_file_is_noticed_each_time_it_is_written_to_or_replaced() {
    let watching = Watching::new(&model(), &["m", "-q"]);
    let mut last = watching.prints();
    for number in 0..3 {
        watching.write("m/code/a.py", &number.to_string());
        let replaced = watching.prints();
        watching.append("m/code/a.py", "!");
        let appended = watching.prints();
        assert!(last != replaced && replaced != appended);
        last = appended;
    }
    watching.stop();
}

#[test]
fn directories_that_a_pattern_enters_are_watched_too() {
    let watching = Watching::new(&model(), &["m", "--no-sync"]);
    watching.says(FIRST);
    fs_err::create_dir_all(watching.path("m/x/y")).unwrap();
    watching.write("m/x/y/b.py", "1");
    watching.says(&built("`m/x/y/b.py` added"));
    watching.write("m/x/y/b.py", "22");
    watching.says(&built("`m/x/y/b.py` changed"));
    watching.write("m/x/c.py", "3");
    watching.says(&built("`m/x/c.py` added"));
    watching.at_once(|| fs_err::remove_dir_all(watching.path("m/x")).unwrap());
    watching.says(&built("`m/x/c.py` and `m/x/y/b.py` removed"));
    // Another directory of the same name.
    fs_err::create_dir_all(watching.path("m/x/y")).unwrap();
    watching.write("m/x/y/b.py", "4");
    watching.says(&built("`m/x/y/b.py` added"));
    watching.write("m/x/y/b.py", "55");
    watching.says(&built("`m/x/y/b.py` changed"));
    watching.stop();
}

#[test]
fn symlinks_are_followed_to_where_they_lead() {
    let test = model()
        .file("m/.store/1/b.py", "1")
        .file("m/.store/2/b.py", "2")
        .symlink("1", "m/.store/current")
        .symlink("../.store/current/b.py", "m/code/b.py");
    let watching = Watching::new(&test, &["m"]);
    watching.says("[NOW] built `m` [ID] in [TIME]: watching 4 directories");
    watching.write("m/.store/1/b.py", "11");
    watching.says(&built("`m/.store/1/b.py` and `m/code/b.py` changed"));
    watching.at_once(|| {
        fs_err::remove_file(watching.path("m/.store/current")).unwrap();
        std::os::unix::fs::symlink("2", watching.path("m/.store/current")).unwrap();
    });
    let line = watching.line();
    assert!(line.contains("`m/code/b.py`"), "{line}");
    watching.write("m/.store/2/b.py", "22");
    watching.says(&built("`m/.store/2/b.py` and `m/code/b.py` changed"));
    watching.stop();
}

#[test]
fn a_build_that_fails_is_told_and_tried_again() {
    let watching = Watching::new(&model(), &["m"]);
    watching.says(FIRST);
    watching.write("m/Modelfile", "NAME m\nFORMAT gguf\nMODEL *.gguf\nCODE b.py\n");
    let lines: Vec<_> = (0..7).map(|_| watching.line() + "\n").collect();
    assert_data_eq!(
        lines.concat(),
        str![[r#"
error: `b.py` does not exist
 --> m/Modelfile:4:6
  |
4 | CODE b.py
  |      ^^^^

[NOW] failed in [TIME]: `m/Modelfile` and `m/code/a.py` changed

"#]]
    );
    // Another mistake is told too, and the same one when the Modelfile was saved again.
    watching.write("m/Modelfile", "NAME m\nFORMAT gguf\nMODEL *.gguf\nCODE bb.py\n");
    while !watching
        .line()
        .starts_with("[NOW] failed in [TIME]: `m/Modelfile` changed")
    {}
    watching.write("m/bb.py", "2");
    watching.says(&built("`m/bb.py` added"));
    watching.stop();
}

/// Nothing is right at first, down to there being no Modelfile.
#[test]
fn whatever_is_missing_is_waited_for() {
    let test = Test::new().file("m/other", "");
    let watching = Watching::new(&test, &["m"]);
    watching.says("error: there is no Modelfile at `m/Modelfile`");
    while watching.line() != failed("watching 1 directory") {}
    watching.write("m/Modelfile", "NAME m\nFORMAT gguf\nMODEL w/a.gguf\n");
    while watching.line() != failed("`m/Modelfile` added") {}
    fs_err::create_dir(watching.path("m/w")).unwrap();
    watching.write("m/w/a.gguf", "weights");
    watching.says(&built("`m/w/a.gguf` added"));
    watching.stop();
}

#[test]
fn many_changes_at_once_are_one_build() {
    let watching = Watching::new(&model(), &["m", "--no-sync"]);
    watching.says(FIRST);
    watching.at_once(|| {
        for number in 0..1000 {
            watching.write(&format!("m/code/{number:03}.py"), &number.to_string());
        }
    });
    watching.says(&built(
        "`m/code/000.py`, `m/code/001.py`, `m/code/002.py` and 997 more added",
    ));
    watching.write("m/code/a.py", "later");
    watching.says(&built("`m/code/a.py` changed"));
    watching.stop();
}

/// A build that writes into a pipe ends when somebody reads that.
#[test]
fn a_change_during_a_build_makes_one_more() {
    let test = model();
    let pipe = test.dir().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let watching = Watching::new(&test, &["m", "--iidfile", "pipe", "-o", "out"]);
    // The layout is complete before the pipe is opened.
    let blobs = || fs_err::read_dir(watching.path("out/blobs/sha256")).map_or(0, Iterator::count);
    while blobs() < 4 {
        std::thread::yield_now();
    }
    watching.write("m/a.gguf", "other weights");
    let first = fs_err::read_to_string(&pipe).unwrap();
    watching.says(FIRST);
    let second = fs_err::read_to_string(&pipe).unwrap();
    watching.says(&built("`m/a.gguf` changed"));
    assert_ne!(first, second);
    watching.write("m/code/a.py", "later");
    assert_ne!(fs_err::read_to_string(&pipe).unwrap(), second);
    watching.says(&built("`m/code/a.py` changed"));
    watching.stop();
}

#[test]
fn a_modelfile_from_standard_input_or_elsewhere() {
    use std::io::Write as _;
    let test = model().file("elsewhere/Modelfile", "NAME m\nFORMAT gguf\nMODEL a.gguf\n");
    let watching = Watching::new(&test, &["m", "-f", "elsewhere/Modelfile"]);
    watching.says(FIRST);
    watching.write("elsewhere/Modelfile", "NAME n\nFORMAT gguf\nMODEL a.gguf\n");
    watching.says("[NOW] built `n` [ID] in [TIME]: `elsewhere/Modelfile` changed");
    watching.stop();

    let mut watching = Watching::new(&test, &["m", "-f", "-"]);
    let mut stdin = watching.child.stdin.take().unwrap();
    stdin.write_all(b"NAME m\nFORMAT gguf\nMODEL a.gguf\n").unwrap();
    drop(stdin);
    watching.says("[NOW] built `m` [ID] in [TIME]: watching 1 directory");
    watching.write("m/a.gguf", "other weights");
    watching.says(&built("`m/a.gguf` changed"));
    watching.stop();
}

#[test]
fn a_machine_is_told_what_changed() {
    let watching = Watching::new(&model(), &["m", "--progress", "json", "--format", "json"]);
    let event = || -> serde_json::Value { serde_json::from_str(&watching.line()).unwrap() };
    let until_done = || {
        while event()["event"] != "done" {}
    };
    until_done();
    watching.write("m/code/b.py", "1");
    assert_eq!(
        event(),
        serde_json::json!({"event": "changed", "paths": ["m/code/b.py"]})
    );
    until_done();
    watching.stop();
}

#[test]
fn settings_are_heeded_when_they_change_too() {
    let watching = Watching::new(&model(), &["m"]);
    watching.says(FIRST);
    let first = watching.prints();
    watching.write("m/modelbuild.toml", "annotation = { team = \"speech\" }\n");
    watching.says(&built("`m/modelbuild.toml` added"));
    assert_ne!(watching.prints(), first);
    watching.write("m/modelbuild.toml", "annotations = { team = \"speech\" }\n");
    while watching.line() != failed("`m/modelbuild.toml` changed") {}
    fs_err::remove_file(watching.path("m/modelbuild.toml")).unwrap();
    watching.says(&built("`m/modelbuild.toml` removed"));
    assert_eq!(watching.prints(), first);
    watching.stop();
}

/// What a build reads in the layout of its base is kept there until it is built, and not until something is to be built
/// again.
#[test]
fn what_the_base_has_can_be_removed_meanwhile() {
    let test = model()
        .file("b/Modelfile", "NAME b\nFORMAT gguf\nMODEL a.gguf\n")
        .file("b/a.gguf", "weights")
        .file("m/Modelfile", "FROM oci:../base\nNAME m\nCODE **/*.py\n");
    let first = test.args(["build", "b", "-q", "-n"]).run();
    let first = first.then().args(["build", "b", "-q", "-o", "base"]).run();
    let orphan = first.dir().join("base/blobs/sha256").join("0".repeat(64));
    fs_err::write(&orphan, "orphan").unwrap();
    let watching = Watching::new(&first.then(), &["m"]);
    let line = watching.line();
    assert!(line.starts_with("[NOW] built `m` [ID]"), "{line}");
    first.then().args(["prune", "base"]).run();
    assert!(!orphan.exists());
    watching.stop();
}

#[test]
fn the_base_is_an_input_too() {
    let test = model()
        .file("b/Modelfile", "NAME b\nFORMAT gguf\nMODEL a.gguf\n")
        .file("b/a.gguf", "weights")
        .file("m/Modelfile", "FROM oci:../base\nNAME m\nCODE **/*.py\n");
    let first = test.args(["b", "-q", "-n"]).run();
    let rebuild = || first.then().args(["b", "-q", "-o", "base"]).run();
    let watching = Watching::new(&first.then(), &["m"]);
    while watching.line() != failed("watching 3 directories") {}
    watching.at_once(rebuild);
    watching.says(&built("`m/../base/index.json` added"));
    watching.write("b/a.gguf", "other weights");
    watching.at_once(rebuild);
    watching.says(&built("`m/../base/index.json` changed"));
    watching.write("m/code/a.py", "later");
    watching.says(&built("`m/code/a.py` changed"));
    watching.stop();
}
