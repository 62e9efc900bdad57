//! Paths in files: what they are relative to, and what a project may not reach.

use serde_json::json;
use snapbox::str;

use super::{USER, in_force, project, user};
use crate::harness::Test;
use crate::tiny::tiny;

/// A model in `sub` with a project's file.
fn below(settings: &str) -> Test {
    Test::new()
        .file("sub/modelbuild.toml", settings)
        .file("sub/Modelfile", "NAME sub\nMODEL w\n")
        .file("sub/w", "w")
}

#[test]
fn a_project_s_are_relative_to_its_file() {
    let built =
        below("output = ['out', 'oci:layout:v1', 'type=oci,dest=m.tar']\niidfile = 'id'\nmetadata-file = 'meta'\n")
            .args(["sub"])
            .stdout(str![[r#"
sha256:d3797d8a01535a6eb0ec581938f713a366cc8b42c51f0525a9d0946d7445d791  sub/out
sha256:d3797d8a01535a6eb0ec581938f713a366cc8b42c51f0525a9d0946d7445d791  oci:sub/layout:v1
sha256:d3797d8a01535a6eb0ec581938f713a366cc8b42c51f0525a9d0946d7445d791  sub/m.tar

"#]])
            .run();
    for path in ["out/index.json", "layout/index.json", "m.tar", "id", "meta"] {
        assert!(built.dir().join("sub").join(path).exists(), "{path}");
    }
}

#[test]
fn standard_output_is_nowhere() {
    let built = below("output = ['-']\n").args(["-q", "sub"]).run();
    assert!(built.stdout.len() > 1024);
    assert!(!built.dir().join("sub/dist").exists());
}

/// Before a tag no path may have a colon; a plain path may.
#[test]
fn a_directory_with_a_name_that_outputs_cannot_spell() {
    let test = |output: &str| {
        Test::new()
            .file("a:b,c/Modelfile", "NAME x\nMODEL w\n")
            .file("a:b,c/w", "w")
            .file("a:b,c/modelbuild.toml", format!("output = ['{output}']\n"))
            .args(["-q", "a:b,c"])
    };
    assert!(test("oci:out").run().dir().join("a:b,c/out/index.json").exists());
    assert!(
        test("type=oci,dest=m")
            .status(3)
            .stderr(str![[r#"
error: `type=oci,dest=m` has no spelling as seen from the working directory
 --> a:b,c/modelbuild.toml:1:11
  |
1 | output = ['type=oci,dest=m']
  |           ^^^^^^^^^^^^^^^^^
  |
  = help: the path of the project has a `:` or a `,` in it, or is no text: build from within the project


"#]])
            .run()
            .stdout
            .is_empty()
    );
    test("oci:out:v1")
        .status(3)
        .stderr(str![[r#"
error: `oci:out:v1` has no spelling as seen from the working directory
 --> a:b,c/modelbuild.toml:1:11
  |
1 | output = ['oci:out:v1']
  |           ^^^^^^^^^^^^
  |
  = help: the path of the project has a `:` or a `,` in it, or is no text: build from within the project


"#]])
        .run();
}

#[test]
fn a_project_s_lead_nowhere_else() {
    project(
        "output = ['../out', '/tmp/out', 'oci:../out:v1', 'type=oci,dest=/m.tar', '~/out', 'a/../b']\n\
         metadata-file = '../meta'\niidfile = '/id'\nfile = '../Modelfile'\n",
    )
    .status(3)
    .stdout("")
    .stderr(str![[r#"
error: `../out` has a `..` in it
 --> modelbuild.toml:1:11
  |
1 | output = ['../out', '/tmp/out', 'oci:../out:v1', 'type=oci,dest=/m.tar', '~/out', 'a/../b']
  |           ^^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `/tmp/out` leads out of the project
 --> modelbuild.toml:1:21
  |
1 | output = ['../out', '/tmp/out', 'oci:../out:v1', 'type=oci,dest=/m.tar', '~/out', 'a/../b']
  |                     ^^^^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `oci:../out:v1` has a `..` in it
 --> modelbuild.toml:1:33
  |
1 | output = ['../out', '/tmp/out', 'oci:../out:v1', 'type=oci,dest=/m.tar', '~/out', 'a/../b']
  |                                 ^^^^^^^^^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `type=oci,dest=/m.tar` leads out of the project
 --> modelbuild.toml:1:50
  |
1 | output = ['../out', '/tmp/out', 'oci:../out:v1', 'type=oci,dest=/m.tar', '~/out', 'a/../b']
  |                                                  ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `~/out` leads out of the project
 --> modelbuild.toml:1:74
  |
1 | output = ['../out', '/tmp/out', 'oci:../out:v1', 'type=oci,dest=/m.tar', '~/out', 'a/../b']
  |                                                                          ^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `a/../b` has a `..` in it
 --> modelbuild.toml:1:83
  |
1 | output = ['../out', '/tmp/out', 'oci:../out:v1', 'type=oci,dest=/m.tar', '~/out', 'a/../b']
  |                                                                                   ^^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `../meta` has a `..` in it
 --> modelbuild.toml:2:17
  |
2 | metadata-file = '../meta'
  |                 ^^^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `/id` leads out of the project
 --> modelbuild.toml:3:11
  |
3 | iidfile = '/id'
  |           ^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `../Modelfile` has a `..` in it
 --> modelbuild.toml:4:8
  |
4 | file = '../Modelfile'
  |        ^^^^^^^^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file


"#]])
    .run();
}

#[test]
fn a_project_s_lead_nowhere_else_through_symlinks() {
    let test = project("output = ['out/x']\niidfile = 'inside/id'\nmetadata-file = 'id'\n")
        .file("real/x", "")
        .symlink("..", "out")
        .symlink("real", "inside")
        .symlink("../elsewhere", "id");
    test.status(3).stdout("").stderr(str![[r#"
error: `out/x` leads out of the project
 --> modelbuild.toml:1:11
  |
1 | output = ['out/x']
  |           ^^^^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file

error: `id` leads out of the project
 --> modelbuild.toml:3:17
  |
3 | metadata-file = 'id'
  |                 ^^^^
  |
  = help: a project's file may name places in its own directory only; name others on the command line, in the environment, or in your own file


"#]]).run();
}

#[test]
fn a_place_inside_may_be_absolute() {
    let test = tiny();
    let output = test.dir().join("out").display().to_string();
    let built = test
        .file("modelbuild.toml", format!("output = ['{output}']\n"))
        .args(["-q"])
        .run();
    assert!(built.dir().join("out/index.json").exists());
}

#[test]
fn what_is_the_user_s_to_say_is_refused() {
    project("link = 'hard'\nno-sync = true\ncache-dir = 'cache'\n")
        .status(3)
        .stderr(str![[r#"
error: `link` is not for a project to decide
 --> modelbuild.toml:1:1
  |
1 | link = 'hard'
  | ^^^^
  |
  = help: give `--link`, set `MODELBUILD_LINK`, or write it into your own file

error: `no-sync` is not for a project to decide
 --> modelbuild.toml:2:1
  |
2 | no-sync = true
  | ^^^^^^^
  |
  = help: give `--no-sync`, set `MODELBUILD_NO_SYNC`, or write it into your own file

error: `cache-dir` is not for a project to decide
 --> modelbuild.toml:3:1
  |
3 | cache-dir = 'cache'
  | ^^^^^^^^^
  |
  = help: give `--cache-dir`, set `MODELBUILD_CACHE_DIR`, or write it into your own file


"#]])
        .run();
    user("link = 'hard'\nno-sync = true\ncache-dir = '~/cache'\n")
        .args(["-q"])
        .run();
}

#[test]
fn a_user_s_are_the_same_in_every_directory() {
    let test = user("output = ['~/out', '~/m.tar', 'oci:~/tagged:v1']\niidfile = '~/id'\n");
    let home = test.dir().parent().unwrap().join("home");
    let _built = test.args(["-q"]).run();
    for path in ["out/index.json", "m.tar", "tagged/index.json", "id"] {
        assert!(home.join(path).exists(), "{path}");
    }
    let test = tiny();
    let output = test.dir().join("x").display().to_string();
    let test = test.file(USER, format!("output = ['{output}']\n")).args(["config"]);
    assert_eq!(in_force(test, "output"), [(json!(output), "user".to_owned())]);
    user("output = ['out', '~else/out']\niidfile = '../id'\n")
        .status(3)
        .stderr(str![[r#"
error: `out` is relative, but your own settings hold in every directory
 --> [HOME]/config_home/modelbuild/modelbuild.toml:1:11
  |
1 | output = ['out', '~else/out']
  |           ^^^^^
  |
  = help: write a path that begins with `/` or `~/`

error: `~else/out` is relative, but your own settings hold in every directory
 --> [HOME]/config_home/modelbuild/modelbuild.toml:1:18
  |
1 | output = ['out', '~else/out']
  |                  ^^^^^^^^^^^
  |
  = help: write a path that begins with `/` or `~/`

error: `../id` is relative, but your own settings hold in every directory
 --> [HOME]/config_home/modelbuild/modelbuild.toml:2:11
  |
2 | iidfile = '../id'
  |           ^^^^^^^
  |
  = help: write a path that begins with `/` or `~/`


"#]])
        .run();
    user("iidfile = '~/id'\n")
        .env("HOME", "")
        .status(3)
        .stderr(str![[r#"
error: `~/id` is in your home directory, and `HOME` names none
 --> [HOME]/config_home/modelbuild/modelbuild.toml:1:11
  |
1 | iidfile = '~/id'
  |           ^^^^^^
  |
  = help: write a path that begins with `/`


"#]])
        .run();
}
