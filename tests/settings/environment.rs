//! `MODELBUILD_OPTION`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::json;
use snapbox::str;

use super::in_force;
use crate::tiny::tiny;

#[test]
fn flags_are_words_or_digits() {
    for (value, on) in [("true", true), ("1", true), ("false", false), ("0", false)] {
        let test = tiny().env("MODELBUILD_NO_SYNC", value).args(["config"]);
        assert_eq!(in_force(test, "no-sync"), [(json!(on), "environment".to_owned())]);
    }
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    for key in ["jobs", "strict", "tag", "created", "progress", "annotation"] {
        let without = in_force(tiny().args(["config"]), key);
        let empty = tiny().env(format!("MODELBUILD_{}", key.to_uppercase()), "");
        assert_eq!(in_force(empty.args(["config"]), key), without);
    }
}

#[test]
fn several_values_stand_on_lines_of_their_own() {
    let test = tiny()
        .env("MODELBUILD_OUTPUT", "type=oci,dest=a.tar\n\nb c\n")
        .args(["config"]);
    let environment = || "environment".to_owned();
    assert_eq!(
        in_force(test, "output"),
        [
            (json!("type=oci,dest=a.tar"), environment()),
            (json!("b c"), environment())
        ]
    );
}

#[test]
fn every_wrong_value_is_named() {
    tiny()
        .env("MODELBUILD_JOBS", "0")
        .env("MODELBUILD_STRICT", "yes")
        .env("MODELBUILD_SPEC", "dokcer")
        .env("MODELBUILD_TAG", "a:1\nb@c\n")
        .env("MODELBUILD_FORMAT", OsStr::from_bytes(b"\xff"))
        .env("MODELBUILD_CREATED", "\u{1b}[31m")
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `MODELBUILD_JOBS` is `0`: expected a number, at least 1
  = help: correct it or unset it
error: `MODELBUILD_STRICT` is `yes`: expected `true` or `false`
  = help: correct it or unset it
error: `MODELBUILD_SPEC` is `dokcer`: expected `modelpack` or `docker`
  = help: did you mean `docker`? otherwise unset it
error: `MODELBUILD_CREATED` is `\u{1b}[31m`: expected a time with its zone, such as `2026-01-31T12:00:00Z`, or whole seconds since 1970
  = help: correct it or unset it
error: `MODELBUILD_TAG` is `b@c`: a digest cannot be chosen; give a tag, such as `llama:v1`
  = help: correct it or unset it
error: `MODELBUILD_FORMAT` is `�`: expected `text` or `json`
  = help: correct it or unset it

"#]])
        .run();
}

#[test]
fn a_wrong_value_is_no_matter_where_the_option_is_typed() {
    tiny().env("MODELBUILD_JOBS", "0").args(["-j", "1", "-q"]).run();
    tiny()
        .env("SOURCE_DATE_EPOCH", "x")
        .args(["--created", "1", "-q"])
        .run();
}

#[test]
fn commands_hear_what_they_have_an_option_for() {
    // `completions` has no jobs.
    tiny().env("MODELBUILD_JOBS", "0").args(["completions", "bash"]).run();
    tiny()
        .env("MODELBUILD_COLOR", "sometimes")
        .args(["completions", "bash"])
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `MODELBUILD_COLOR` is `sometimes`: expected `auto`, `always` or `never`
  = help: correct it or unset it

"#]])
        .run();
    tiny()
        .env("MODELBUILD_COLOR", "always")
        .env("MODELBUILD_PROGRESS", "json")
        .args(["man", "/dev/null/x"])
        .status(1)
        .stderr(str![[r#"
{"event":"error","help":[],"message":"cannot write the man pages: failed to create directory `/dev/null/x`: Not a directory (os error 20)"}

"#]])
        .run();
}

#[test]
fn help_is_coloured_as_the_environment_says() {
    let help = |args: &[&str]| {
        tiny()
            .env("MODELBUILD_COLOR", "always")
            .args(args)
            .run()
            .stdout
            .contains(&0x1b)
    };
    assert!(help(&["--help"]));
    assert!(!help(&["--help", "--color", "never"]));
}

#[test]
fn paths_are_relative_to_the_working_directory() {
    let test = tiny().file("sub/Modelfile", "NAME sub\nMODEL w\n").file("sub/w", "w");
    let built = test.env("MODELBUILD_OUTPUT", "out").args(["-q", "sub"]).run();
    assert!(built.dir().join("out/index.json").exists());
}

#[test]
fn what_looks_like_a_setting_and_is_none_is_named() {
    let test = || {
        tiny()
            .env("MODELBUILD_SPECC", "docker")
            .env("MODELBUILD_FROMAT", "json")
            .env("MODELBUILD_COFNIG", "x")
            .env("MODELBUILD_NO_WEIGHTS", "true")
            .env("MODELBUILD_INCLUDE", "*.json")
            .env("MODELBUILD_NO_STRICT", "true")
            // Somebody else's, and as good as none.
            .env("MODELBUILD_WORKERS", "4")
            .env("MODELBUILD_TAGS", "")
            .env("OTHER_SPECC", "docker")
    };
    test()
        .args(["completions", "bash"])
        .stderr(str![[r#"
warning: `MODELBUILD_COFNIG` has no effect: there is no such setting
  = help: did you mean `MODELBUILD_CONFIG`?
warning: `MODELBUILD_FROMAT` has no effect: there is no such setting
  = help: did you mean `MODELBUILD_FORMAT`?
warning: `MODELBUILD_INCLUDE` has no effect: `--include` is no setting
  = help: give it on the command line
warning: `MODELBUILD_NO_STRICT` has no effect
  = help: `MODELBUILD_STRICT` set to `false` says that
warning: `MODELBUILD_NO_WEIGHTS` has no effect: `--no-weights` is no setting
  = help: give it on the command line
warning: `MODELBUILD_SPECC` has no effect: there is no such setting
  = help: did you mean `MODELBUILD_SPEC`?

"#]])
        .run();
    test()
        .args(["completions", "bash", "--progress", "json"])
        .stderr(str![[r#"
{"event":"warning","help":["did you mean `MODELBUILD_CONFIG`?"],"message":"`MODELBUILD_COFNIG` has no effect: there is no such setting"}
{"event":"warning","help":["did you mean `MODELBUILD_FORMAT`?"],"message":"`MODELBUILD_FROMAT` has no effect: there is no such setting"}
{"event":"warning","help":["give it on the command line"],"message":"`MODELBUILD_INCLUDE` has no effect: `--include` is no setting"}
{"event":"warning","help":["`MODELBUILD_STRICT` set to `false` says that"],"message":"`MODELBUILD_NO_STRICT` has no effect"}
{"event":"warning","help":["give it on the command line"],"message":"`MODELBUILD_NO_WEIGHTS` has no effect: `--no-weights` is no setting"}
{"event":"warning","help":["did you mean `MODELBUILD_SPEC`?"],"message":"`MODELBUILD_SPECC` has no effect: there is no such setting"}

"#]])
        .run();
    test().args(["--strict", "-n"]).run();
    test().args(["-n", "-q"]).stderr("").run();
    tiny()
        .env("MODELBUILD_WORKERS", "4")
        .env("MODELBUILD_JOBS", "1")
        .args(["completions", "bash"])
        .stderr("")
        .run();
}
