//! Taking out who somebody is.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use snapbox::{assert_data_eq, str};

use crate::harness::Test;

/// Docker's file, as seen from the working directory.
const DOCKER: &str = "../home/.docker/config.json";

/// A home with a program `docker-credential-fake` that keeps a file for each server in the working directory, and docker's
/// file with the text `config`.
pub fn with_program(config: &str) -> Test {
    let test = Test::new().file(DOCKER, config).file(
        "bin/draft",
        "#!/bin/sh\nread -r server\n\
         [ \"$1\" != store ] || server=$(printf %s \"$server\" | sed 's/.*ServerURL\":\"\\([^\"]*\\).*/\\1/')\nname=$(printf %s \"$server\" | tr -c a-z0-9. _)\necho \"$1 $server\" >> log\n\
         [ ! -e locked ] || { echo 'the keychain is locked'; exit 1; }\n\
         case $1 in\n\
         get) cat \"$name\" 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;\n\
         store) : > \"$name\" ;;\n\
         erase) rm \"$name\" ;;\n\
         *) exit 2 ;;\n\
         esac\n",
    );
    let bin = test.dir().join("bin");
    fs_err::set_permissions(bin.join("draft"), PermissionsExt::from_mode(0o755)).unwrap();
    // By another process: what this one has open for writing, a fork of another test's may hold open, and such a file
    // cannot be run (ETXTBSY).
    let copied = Command::new("cp")
        .arg("draft")
        .arg("docker-credential-fake")
        .current_dir(&bin)
        .status();
    assert!(copied.unwrap().success());
    let path = with_path(&test.dir());
    test.env("PATH", path)
}

/// `PATH` with the programs in `bin` before all others.
pub fn with_path(dir: &Path) -> std::ffi::OsString {
    let others = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(dir.join("bin")).chain(std::env::split_paths(&others))).unwrap()
}

fn text(dir: &Path, path: &str) -> String {
    fs_err::read_to_string(dir.join(path)).unwrap()
}

#[test]
fn what_was_removed_is_said() {
    let output = Test::new()
        .file(
            DOCKER,
            r#"{"auths": {"ghcr.io": {"auth": "dXNlcjpodW50ZXIy"}, "quay.io": {"auth": "dXNlcjpodW50ZXIy"}}}"#,
        )
        .args(["logout", "https://ghcr.io/"])
        .stdout(str![[r#"
logged out of ghcr.io: removed from [HOME]/.docker/config.json

"#]])
        .stderr("")
        .run();
    assert_data_eq!(
        text(&output.dir(), DOCKER),
        str![[r#"
{
	"auths": {
		"quay.io": {"auth": "dXNlcjpodW50ZXIy"}
	}
}

"#]]
    );
    output
        .then()
        .args(["logout", "--all"])
        .stdout(str![[r#"
logged out of quay.io: removed from [HOME]/.docker/config.json

"#]])
        .stderr("")
        .run();
    assert_data_eq!(
        text(&output.dir(), DOCKER),
        str![[r#"
{
	"auths": {}
}

"#]]
    );
}

#[test]
fn who_is_nobody_need_not_log_out() {
    Test::new()
        .args(["logout", "ghcr.io"])
        .stdout("")
        .stderr(str![[r#"
note: you are not logged in to `ghcr.io`

"#]])
        .run();
    Test::new()
        .args(["logout", "--all"])
        .stdout("")
        .stderr(str![[r#"
note: you are not logged in to any registry

"#]])
        .run();
}

#[test]
fn a_program_is_told_to_forget() {
    let got = r#"{"ServerURL": "", "Username": "user", "Secret": "hunter2"}"#;
    let output = with_program(r#"{"auths": {"ghcr.io": {}}, "credsStore": "fake"}"#)
        .file("ghcr.io", got)
        .file("https___index.docker.io_v1_", got)
        .args(["logout", "ghcr.io"])
        .stdout(str![[r#"
logged out of ghcr.io: removed from `docker-credential-fake`, named in [HOME]/.docker/config.json

"#]])
        .stderr("")
        .run();
    assert_data_eq!(
        text(&output.dir(), "log"),
        str![[r#"
get ghcr.io
erase ghcr.io

"#]]
    );
    assert_data_eq!(
        text(&output.dir(), DOCKER),
        str![[r#"
{
	"auths": {},
	"credsStore": "fake"
}

"#]]
    );
    with_program(r#"{"credHelpers": {"docker.io": "fake"}}"#)
        .file("https___index.docker.io_v1_", got)
        .args(["logout", "docker.io"])
        .stdout(str![[r#"
logged out of docker.io: removed from `docker-credential-fake`, named in [HOME]/.docker/config.json

"#]])
        .stderr("")
        .run();
    with_program(r#"{"credHelpers": {"ghcr.io": "fake"}}"#)
        .args(["logout", "ghcr.io"])
        .stdout("")
        .stderr(str![[r#"
note: you are not logged in to `ghcr.io`

"#]])
        .run();
}

#[test]
fn a_program_that_fails_is_named() {
    with_program(r#"{"credsStore": "fake"}"#)
        .file("locked", "")
        .args(["logout", "ghcr.io"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: `docker-credential-fake` failed to get the credentials for `ghcr.io`: the keychain is locked
  = help: `[HOME]/.docker/config.json` names it in `credHelpers` or `credsStore`: make it work, or take it out there

"#]])
        .run();
    with_program(r#"{"credsStore": "missing"}"#)
        .args(["logout", "ghcr.io"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: `docker-credential-missing` is not installed
  = help: `[HOME]/.docker/config.json` names it in `credHelpers` or `credsStore`: make it work, or take it out there

"#]])
        .run();
    with_program(r#"{"credsStore": "../bin/draft"}"#)
        .args(["logout", "ghcr.io"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: `docker-credential-../bin/draft` is a path, not a name to be looked up in `PATH`
  = help: `[HOME]/.docker/config.json` names it in `credHelpers` or `credsStore`: make it work, or take it out there

"#]])
        .run();
}

#[test]
fn a_broken_file_is_said_and_left_alone() {
    let output = Test::new()
        .file(DOCKER, "{\n\"auths\": {\"ghcr.io\": hunter2}}")
        .args(["logout", "ghcr.io"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `[HOME]/.docker/config.json` line 2: not JSON
  = help: correct or remove it, or name another file in `REGISTRY_AUTH_FILE`

"#]])
        .run();
    assert!(text(&output.dir(), DOCKER).contains("hunter2"));
}

#[test]
fn a_registry_is_a_host() {
    for host in ["ghcr.io/team", "", "ghcr.io:x"] {
        let output = Test::new().args(["logout", host]).status(2).stdout("").run();
        assert!(
            output.stderr.contains("expected HOST or HOST:PORT, such as `ghcr.io`"),
            "{}",
            output.stderr
        );
    }
    Test::new()
        .args(["logout"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: the following required arguments were not provided:
  <HOST>

Usage: modelbuild logout <HOST>

For more information, try '--help'.

"#]])
        .run();
}
