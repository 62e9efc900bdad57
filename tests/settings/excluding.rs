//! What is typed counts more than settings that it excludes, whatever the command.

use snapbox::str;

use super::{USER, user};
use crate::harness::Test;
use crate::tiny::tiny;

/// A command line, and a setting beside which its options cannot stand: the variable, and the line of a file.
struct Pair {
    typed: &'static [&'static str],
    variable: (&'static str, &'static str),
    line: &'static str,
    status: i32,
}

const JSON: (&str, &str) = ("MODELBUILD_FORMAT", "json");
const QUIET: (&str, &str) = ("MODELBUILD_QUIET", "true");
const VARIANT: (&str, &str) = ("MODELBUILD_VARIANT", "a=b");

const fn pair(
    typed: &'static [&'static str],
    variable: (&'static str, &'static str),
    line: &'static str,
    status: i32,
) -> Pair {
    Pair {
        typed,
        variable,
        line,
        status,
    }
}

/// Nobody listens at port 1: a command line that is understood fails with 5 there.
const PAIRS: [Pair; 17] = [
    pair(&["inspect", "out", "--manifest"], JSON, "format = 'json'", 0),
    pair(&["inspect", "out", "--config"], JSON, "format = 'json'", 0),
    pair(&["inspect", "out", "--raw"], JSON, "format = 'json'", 0),
    pair(&["inspect", "out", "--html", "-"], JSON, "format = 'json'", 0),
    pair(&["inspect", "out", "--raw"], VARIANT, "variant = { a = 'b' }", 0),
    pair(&["copy", "out", "to", "-q"], JSON, "format = 'json'", 0),
    pair(&["copy", "out", "to", "--format", "json"], QUIET, "quiet = true", 0),
    pair(&["copy", "out", "to", "--all"], VARIANT, "variant = { a = 'b' }", 0),
    pair(&["extract", "out", "to", "-q"], JSON, "format = 'json'", 0),
    pair(&["extract", "out", "to", "--format", "json"], QUIET, "quiet = true", 0),
    pair(
        &["convert", "--spec", "docker", "out", "to", "--format", "json"],
        QUIET,
        "quiet = true",
        0,
    ),
    pair(
        &["push", "out", "localhost:1/x", "-q", "--retries", "0"],
        JSON,
        "format = 'json'",
        5,
    ),
    pair(
        &["push", "out", "localhost:1/x", "--all", "--retries", "0"],
        VARIANT,
        "variant = { a = 'b' }",
        5,
    ),
    pair(
        &["pull", "localhost:1/x", "-q", "--retries", "0"],
        JSON,
        "format = 'json'",
        5,
    ),
    pair(
        &["pull", "localhost:1/x", "--extract", "to", "--retries", "0"],
        ("MODELBUILD_OUTPUT", "foo"),
        "output = ['/foo']",
        5,
    ),
    pair(
        &["pull", "localhost:1/x", "--extract", "to", "--retries", "0"],
        ("MODELBUILD_OUTPUT", "foo\nbar"),
        "output = ['/foo', '/bar']",
        5,
    ),
    pair(&["plan", "--raw"], ("MODELBUILD_TAR", "1"), "tar = true", 0),
];

#[test]
fn every_command_heeds_what_is_typed_before_what_is_set() {
    for Pair {
        typed,
        variable: (variable, value),
        line,
        status,
    } in PAIRS
    {
        let test = || {
            let built = tiny().args(["-q", "-o", "out"]).run();
            built.then().args(typed).status(status)
        };
        let alone = test().run();
        let beside = [test().env(variable, value), test().file(USER, line)];
        for (beside, place) in beside.into_iter().zip([variable, line]) {
            let beside = beside.run();
            assert_eq!(beside.text(), alone.text(), "{typed:?} {place}");
        }
    }
}

#[test]
fn another_command_s_option_of_the_same_name_is_no_setting() {
    let built = tiny().args(["-q", "-o", "out"]).run();
    let alone = built.then().args(["inspect", "out"]).run();
    let beside = built
        .then()
        .env("MODELBUILD_RAW", "true")
        .args(["inspect", "out"])
        .run();
    assert_eq!(beside.text(), alone.text());
}

#[test]
fn an_option_that_a_command_needs_may_be_set() {
    let built = tiny().args(["-q", "-o", "out"]).run();
    let typed = built
        .then()
        .args(["convert", "-q", "--spec", "docker", "out", "a.tar"])
        .run();
    let convert = || built.then().args(["convert", "-q", "out", "b.tar"]);
    let set = convert().env("MODELBUILD_SPEC", "docker").run();
    assert_eq!(set.text(), typed.text());
    let set = convert().file(USER, "spec = 'docker'").run();
    assert_eq!(set.text(), typed.text());
    fs_err::remove_file(built.dir().join(USER)).unwrap();
    // A value that a build does not have.
    built
        .then()
        .args(["convert", "-q", "b.tar", "original"])
        .env("MODELBUILD_SPEC", "original")
        .run();
    convert()
        .env("MODELBUILD_SPEC", "dokcer")
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: `MODELBUILD_SPEC` is `dokcer`: expected `modelpack`, `docker` or `original`
  = help: did you mean `docker`? otherwise unset it

"#]])
        .run();
    convert()
        .status(2)
        .stdout("")
        .stderr(str![[r#"
error: the following required arguments were not provided:
  --spec <SPEC>

Usage: modelbuild convert --spec <SPEC> --quiet <SOURCE> <DESTINATION>

For more information, try '--help'.

"#]])
        .run();
}

#[test]
fn several_values_are_not_for_a_command_that_takes_one() {
    let pull = |test: Test| test.args(["pull", "localhost:1/x", "--retries", "0"]);
    pull(tiny())
        .env("MODELBUILD_OUTPUT", "a\nb")
        .status(2)
        .stderr(str![[r#"
error: `MODELBUILD_OUTPUT` has 2 values, and `pull` takes one
  = help: give `--output` on the command line, where it counts more

"#]])
        .run();
    pull(user("output = ['/a', '/b']"))
        .env("MODELBUILD_CONFIG", USER)
        .status(3)
        .stderr(str![[r#"
error: ../home/config_home/modelbuild/modelbuild.toml:1: `output` has 2 values, and `pull` takes one
  = help: give `--output` on the command line, where it counts more

"#]])
        .run();
    // None is as good as nothing said, and the command line counts more.
    pull(user("output = []")).status(5).run();
    pull(user("output = ['/a', '/b']")).args(["-o", "to"]).status(5).run();
}
