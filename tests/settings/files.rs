//! Where files of settings are, and what may stand there instead.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use snapbox::{IntoData, str};

use super::{USER, in_force, project, user};
use crate::harness::Test;
use crate::tiny::tiny;

fn fifo(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

fn refused(test: Test, stderr: impl IntoData) {
    test.status(3).stdout("").stderr(stderr).run();
}

fn jobs(test: Test) -> (serde_json::Value, String) {
    in_force(test, "jobs").remove(0)
}

fn said(value: &str, by: &str) -> (serde_json::Value, String) {
    (json!(value), by.to_owned())
}

#[test]
fn the_project_s_is_beside_the_modelfile() {
    let test = || {
        project("jobs = 1")
            .file("sub/modelbuild.toml", "jobs = 2")
            .file("else/modelbuild.toml", "jobs = 3")
            .args(["config"])
    };
    assert_eq!(jobs(test()), said("1", "project"));
    assert_eq!(jobs(test().args(["sub"])), said("2", "project"));
    assert_eq!(jobs(test().args(["sub", "-f", "else/Modelfile"])), said("3", "project"));
    assert_eq!(
        jobs(test().args(["sub"]).env("MODELBUILD_FILE", "else/Modelfile")),
        said("3", "project")
    );
    assert_eq!(jobs(test().args(["sub", "-f", "-"])), said("2", "project"));
    assert_eq!(jobs(test().args(["sub", "-f", "Modelfile"])), said("1", "project"));
}

#[test]
fn a_project_can_name_its_modelfile() {
    let test = Test::new()
        .file("sub/modelbuild.toml", "file = 'build/Modelfile'\n")
        .file("sub/build/Modelfile", "NAME other\nMODEL m.gguf\n")
        // No second file is read.
        .file("sub/build/modelbuild.toml", "no such thing")
        .file("sub/m.gguf", "weights\n");
    let built = test.args(["-q", "sub"]).run();
    assert!(built.dir().join("sub/dist/other/index.json").exists());
}

#[test]
fn the_user_s_is_where_the_desktop_says() {
    let test = || {
        user("jobs = 1")
            .file("../home/.config/modelbuild/modelbuild.toml", "jobs = 2")
            .file("named.toml", "jobs = 3")
            .args(["config"])
    };
    assert_eq!(jobs(test()), said("1", "user"));
    assert_eq!(jobs(test().env("XDG_CONFIG_HOME", "")), said("2", "user"));
    // The specification: a relative one is invalid.
    assert_eq!(
        jobs(test().env("XDG_CONFIG_HOME", "../home/config_home")),
        said("2", "user")
    );
    assert_eq!(jobs(test().env("MODELBUILD_CONFIG", "named.toml")), said("3", "user"));
    let none = (json!(null), "default".to_owned());
    assert_eq!(jobs(test().env("MODELBUILD_CONFIG", "")), none);
    assert_eq!(jobs(test().env("XDG_CONFIG_HOME", "").env("HOME", "")), none);
    assert_eq!(jobs(test().env("XDG_CONFIG_HOME", "/dev/null")), none);
}

#[test]
fn a_named_one_must_be_there() {
    refused(
        tiny().env("MODELBUILD_CONFIG", "nothing.toml"),
        str![[r#"
error: `MODELBUILD_CONFIG` names `nothing.toml`, which does not exist
  = help: correct it, or name another file in `MODELBUILD_CONFIG`, where nothing stands for no file

"#]],
    );
}

#[test]
fn not_utf8() {
    refused(
        tiny().file("modelbuild.toml", b"spec = \"\xff\"\n"),
        str![[r#"
error: `modelbuild.toml` is not UTF-8: line 1, column 9 holds the byte 0xff
  = help: settings of a project are a text beside the Modelfile; correct `modelbuild.toml` or remove it

"#]],
    );
    refused(
        tiny().file(USER, b"s\0\xfe\0"),
        str![[r#"
error: `[HOME]/config_home/modelbuild/modelbuild.toml` looks like a binary file: it is not UTF-8 (line 1, column 3) and has NUL bytes
  = help: correct it, or name another file in `MODELBUILD_CONFIG`, where nothing stands for no file

"#]],
    );
}

#[test]
fn a_directory() {
    refused(
        tiny().file("modelbuild.toml/x", ""),
        str![[r#"
error: `modelbuild.toml` is a directory, not a file of settings
  = help: settings of a project are a text beside the Modelfile; correct `modelbuild.toml` or remove it

"#]],
    );
    refused(
        tiny().file(format!("{USER}/x"), ""),
        str![[r#"
error: `[HOME]/config_home/modelbuild/modelbuild.toml` is a directory, not a file of settings
  = help: correct it, or name another file in `MODELBUILD_CONFIG`, where nothing stands for no file

"#]],
    );
}

#[test]
fn a_fifo() {
    let test = tiny();
    fifo(&test.dir().join("modelbuild.toml"));
    refused(
        test,
        str![[r#"
error: `modelbuild.toml` is a FIFO, not a regular file
  = help: settings of a project are a text beside the Modelfile; correct `modelbuild.toml` or remove it

"#]],
    );
}

#[test]
fn a_symlink_to_nothing() {
    refused(
        tiny().symlink("nothing", "modelbuild.toml"),
        str![[r#"
error: `modelbuild.toml` is a symlink, and there is no file where it points to
  = help: settings of a project are a text beside the Modelfile; correct `modelbuild.toml` or remove it

"#]],
    );
}

#[test]
fn a_symlink_to_settings() {
    let test = tiny()
        .file("common.toml", "jobs = 5\n")
        .symlink("common.toml", "modelbuild.toml");
    assert_eq!(jobs(test.args(["config"])), said("5", "project"));
}

#[test]
fn of_100_mb() {
    let test = tiny();
    let file = fs_err::File::create(test.dir().join("modelbuild.toml")).unwrap();
    file.set_len(100_000_000).unwrap();
    refused(
        test,
        str![[r#"
error: `modelbuild.toml` is larger than the 65536 bytes that a file of settings may have
  = help: settings of a project are a text beside the Modelfile; correct `modelbuild.toml` or remove it

"#]],
    );
    let long = "#".repeat(64 << 10);
    refused(
        project(&format!("{long}#")),
        str![[r#"
error: `modelbuild.toml` is larger than the 65536 bytes that a file of settings may have
  = help: settings of a project are a text beside the Modelfile; correct `modelbuild.toml` or remove it

"#]],
    );
    project(&long).args(["config"]).run();
}

#[test]
fn unreadable() {
    let test = project("jobs = 1");
    if !crate::mount::is_root() {
        return;
    }
    let mode = PermissionsExt::from_mode(0o600);
    fs_err::set_permissions(test.dir().join("modelbuild.toml"), mode).unwrap();
    refused(
        test.by_nobody(),
        str![[r#"
error: no permission to read `modelbuild.toml`
  = help: settings of a project are a text beside the Modelfile; correct `modelbuild.toml` or remove it

"#]],
    );
}

#[test]
fn a_name_that_is_no_text() {
    let name = OsStr::from_bytes(b"\xff");
    let test = tiny().file(Path::new(name).join("modelbuild.toml"), "jobs = 6\n");
    assert_eq!(jobs(test.args([OsStr::new("config"), name])), said("6", "project"));
}

/// It is a file like any other, and like the Modelfile.
#[test]
fn it_is_packed_only_if_a_line_matches_it() {
    let layers = |test: Test| {
        let built = test.args(["--format", "json", "-n"]).run();
        let document: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
        document["layers"].as_array().unwrap().len()
    };
    assert_eq!(layers(project("jobs = 1")), layers(tiny()));
    let matched = project("jobs = 1").file("Modelfile", "NAME tiny\nMODEL m.gguf\nCONFIG *.toml\n");
    assert_eq!(layers(matched), 2);
}

#[test]
fn nothing_is_written_over_it() {
    for output in ["-o", "--metadata-file", "--iidfile"] {
        let test = project("jobs = 1")
            .args(["-q", output, "modelbuild.toml"])
            .status(2)
            .run();
        assert_eq!(
            fs_err::read_to_string(test.dir().join("modelbuild.toml")).unwrap(),
            "jobs = 1"
        );
    }
    let test = user("jobs = 1").args(["-q", "--iidfile", USER]).status(2).run();
    assert_eq!(fs_err::read_to_string(test.dir().join(USER)).unwrap(), "jobs = 1");
}

/// What a file says decides what is built.
#[test]
fn make_is_told_of_those_that_were_read() {
    let depfile = |test: Test| {
        let built = test.args(["-q", "-o", "m.tar", "--depfile", "m.d"]).run();
        fs_err::read_to_string(built.dir().join("m.d")).unwrap()
    };
    let both = depfile(project("strict = false").file(USER, "jobs = 1"));
    assert!(both.contains(" modelbuild.toml"), "{both}");
    assert!(both.contains("config_home/modelbuild/modelbuild.toml"), "{both}");
    assert!(!depfile(tiny()).contains("modelbuild.toml"));
}
