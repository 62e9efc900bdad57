//! What is wrong in a file of settings is said once, with its place.

use serde_json::Value;
use snapbox::str;

use super::{USER, in_force, project, user};
use crate::tiny::tiny;

#[test]
fn every_finding_of_both_files_and_of_the_environment_comes_in_one_run() {
    project("spec = \"dokcer\"\n\njob = 4 # cores\n")
        .file(USER, "colour = \"never\"\n")
        .env("MODELBUILD_JOBS", "many")
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `MODELBUILD_JOBS` is `many`: expected a number, at least 1
  = help: correct it or unset it
error: `spec` is `dokcer`: expected `modelpack` or `docker`
 --> modelbuild.toml:1:8
  |
1 | spec = "dokcer"
  |        ^^^^^^^^
  |
  = help: did you mean `docker`?

error: unknown setting `job`
 --> modelbuild.toml:3:1
  |
3 | job = 4 # cores
  | ^^^
  |
  = help: did you mean `jobs`?

error: unknown setting `colour`
 --> [HOME]/config_home/modelbuild/modelbuild.toml:1:1
  |
1 | colour = "never"
  | ^^^^^^
  |
  = help: did you mean `color`?


"#]])
        .run();
}

#[test]
fn unknown_settings() {
    project("no_sync = true\ntags = [\"a\"]\nhelp = true\ncontext = \".\"\n[server]\ntls = false\n")
        .status(3)
        .stderr(str![[r#"
error: unknown setting `no_sync`
 --> modelbuild.toml:1:1
  |
1 | no_sync = true
  | ^^^^^^^
  |
  = help: did you mean `no-sync`?

error: unknown setting `tags`
 --> modelbuild.toml:2:1
  |
2 | tags = ["a"]
  | ^^^^
  |
  = help: did you mean `tag`?

error: unknown setting `help`
 --> modelbuild.toml:3:1
  |
3 | help = true
  | ^^^^
  |
  = help: `modelbuild config` lists all settings; each is a long option without its dashes

error: unknown setting `context`
 --> modelbuild.toml:4:1
  |
4 | context = "."
  | ^^^^^^^
  |
  = help: `modelbuild config` lists all settings; each is a long option without its dashes

error: unknown setting `server`
 --> modelbuild.toml:5:2
  |
5 | [server]
  |  ^^^^^^
  |
  = help: `modelbuild config` lists all settings; each is a long option without its dashes


"#]])
        .run();
}

#[test]
fn wrong_types() {
    project(
        "jobs = 1.5\nspec = [\"docker\"]\nstrict = \"true\"\nquiet = 1\ntag = \"a:v1\"\noutput = [[\"x\"]]\n\
         annotation = [\"a=b\"]\nformat = { json = true }\ncreated = true\n",
    )
    .status(3)
    .stderr(str![[r#"
error: `jobs` takes a string or an integer, not a float
 --> modelbuild.toml:1:8
  |
1 | jobs = 1.5
  |        ^^^
  |
  = help: write `jobs = "…"`

error: `spec` takes a string or an integer, not an array
 --> modelbuild.toml:2:8
  |
2 | spec = ["docker"]
  |        ^^^^^^^^^^
  |
  = help: write `spec = "…"`

error: `strict` takes `true` or `false`, not a string
 --> modelbuild.toml:3:10
  |
3 | strict = "true"
  |          ^^^^^^
  |
  = help: write `strict = true`

error: `quiet` takes `true` or `false`, not an integer
 --> modelbuild.toml:4:9
  |
4 | quiet = 1
  |         ^
  |
  = help: write `quiet = true`

error: `tag` takes a list of strings, not a string
 --> modelbuild.toml:5:7
  |
5 | tag = "a:v1"
  |       ^^^^^^
  |
  = help: write `tag = ["…", "…"]`

error: `output` takes a list of strings, not an array
 --> modelbuild.toml:6:11
  |
6 | output = [["x"]]
  |           ^^^^^
  |
  = help: write `output = ["…", "…"]`

error: `annotation` takes a table of strings, not an array
 --> modelbuild.toml:7:14
  |
7 | annotation = ["a=b"]
  |              ^^^^^^^
  |
  = help: write `annotation = { "key" = "value" }`

error: `format` takes a string or an integer, not a table
 --> modelbuild.toml:8:10
  |
8 | format = { json = true }
  |          ^^^^^^^^^^^^^^^
  |
  = help: write `format = "…"`

error: `created` takes a string or an integer, not a boolean
 --> modelbuild.toml:9:11
  |
9 | created = true
  |           ^^^^
  |
  = help: write `created = "…"`


"#]])
    .run();
}

#[test]
fn wrong_values() {
    project(
        "jobs = -1\nspec = \"\"\ntag = [\n  \"a:v1\",\n  \"b@c\",\n]\noutput = [\"m.tgz\"]\ncreated = 2020-01-01\n\
         metadata-file = \"\"\niidfile = \"a\\u0000b\"\n",
    )
    .status(3)
    .stderr(str![[r#"
error: `jobs` is `-1`: expected a number, at least 1
 --> modelbuild.toml:1:8
  |
1 | jobs = -1
  |        ^^

error: `spec` is ``: expected `modelpack` or `docker`
 --> modelbuild.toml:2:8
  |
2 | spec = ""
  |        ^^

error: `tag` is `b@c`: a digest cannot be chosen; give a tag, such as `llama:v1`
 --> modelbuild.toml:5:3
  |
5 |   "b@c",
  |   ^^^^^

error: `output` is `m.tgz`: a layout tar is never compressed: weights do not shrink, and oras and Docker Model Runner refuse it; use a name ending in `.tar`
 --> modelbuild.toml:7:11
  |
7 | output = ["m.tgz"]
  |           ^^^^^^^

error: `created` is `2020-01-01`: expected a time with its zone, such as `2026-01-31T12:00:00Z`, or whole seconds since 1970
 --> modelbuild.toml:8:11
  |
8 | created = 2020-01-01
  |           ^^^^^^^^^^

error: `metadata-file` is ``: it may not be empty
 --> modelbuild.toml:9:17
  |
9 | metadata-file = ""
  |                 ^^

error: `iidfile` has a NUL character in it
  --> modelbuild.toml:10:11
   |
10 | iidfile = "a\u0000b"
   |           ^^^^^^^^^^
   |
   = help: nothing that can be typed has one


"#]])
    .run();
}

#[test]
fn wrong_pairs() {
    project("[annotation]\norg.example.team = \"x\"\n\"a=b\" = \"c\"\n\"\" = \"d\"\ne = false\n")
        .status(3)
        .stderr(str![[r#"
error: `org` is a table, not a string
 --> modelbuild.toml:2:1
  |
2 | org.example.team = "x"
  | ^^^
  |
  = help: a key with dots in it stands in quotes

error: `a=b` has a `=` in it
 --> modelbuild.toml:3:1
  |
3 | "a=b" = "c"
  | ^^^^^
  |
  = help: the first one ends the key where pairs are typed

error: `annotation` is `=d`: the key is empty or has white space
 --> modelbuild.toml:4:1
  |
4 | "" = "d"
  | ^^^^^^^^

error: `annotation` takes a table of strings, not a boolean
 --> modelbuild.toml:5:5
  |
5 | e = false
  |     ^^^^^
  |
  = help: write `annotation = { "key" = "value" }`


"#]])
        .run();
}

#[test]
fn no_toml() {
    for (text, expected) in [
        (
            "spec: docker\n",
            str![[r#"
error: invalid unquoted key, expected letters, numbers, `-`, `_`
 --> modelbuild.toml:1:5
  |
1 | spec: docker
  |     ^

error: key with no value, expected `=`
 --> modelbuild.toml:1:7
  |
1 | spec: docker
  |       ^


"#]],
        ),
        (
            "jobs = 1\njobs = 2\n",
            str![[r#"
error: duplicate key
 --> modelbuild.toml:2:1
  |
2 | jobs = 2
  | ^^^^


"#]],
        ),
        (
            "tag = [\"a:v1\"\nspec = \"docker\"\n",
            str![[r#"
error: missing comma between array elements, expected `,`
 --> modelbuild.toml:2:1
  |
2 | spec = "docker"
  | ^

error: string values must be quoted, expected literal string
 --> modelbuild.toml:2:1
  |
2 | spec = "docker"
  | ^^^^

error: unexpected `=` in array, expected value, `]`
 --> modelbuild.toml:2:6
  |
2 | spec = "docker"
  |      ^

error: missing comma between array elements, expected `,`
 --> modelbuild.toml:2:8
  |
2 | spec = "docker"
  |        ^

error: unclosed array, expected `]`
 --> modelbuild.toml:2:16
  |
2 | spec = "docker"
  |                ^


"#]],
        ),
        (
            "spec = \"docker\nstrict = yes\n",
            str![[r#"
error: invalid basic string, expected `"`
 --> modelbuild.toml:1:15
  |
1 | spec = "docker
  |               ^

error: string values must be quoted, expected literal string
 --> modelbuild.toml:2:10
  |
2 | strict = yes
  |          ^^^


"#]],
        ),
    ] {
        project(text).status(3).stdout("").stderr(expected).run();
    }
}

#[test]
fn text_is_shown_but_not_obeyed() {
    project("\"\\u001b[31mred\" = 1\nspec = \"\\u001b[31m\"\n")
        .status(3)
        .stderr(str![[r#"
error: unknown setting `\u{1b}[31mred`
 --> modelbuild.toml:1:1
  |
1 | "\u001b[31mred" = 1
  | ^^^^^^^^^^^^^^^
  |
  = help: `modelbuild config` lists all settings; each is a long option without its dashes

error: `spec` is `\u{1b}[31m`: expected `modelpack` or `docker`
 --> modelbuild.toml:2:8
  |
2 | spec = "\u001b[31m"
  |        ^^^^^^^^^^^^


"#]])
        .run();
}

#[test]
fn what_people_write_is_understood() {
    // A byte order mark, line ends of another system, numbers in their ways, tables in theirs, comments.
    let written =
        "\u{feff}jobs = 0x1_0 # sixteen\r\ncreated = 1_700_000_000\r\n\r\n[annotation]\r\n\"a.b\" = 'c'\r\nn = 7\r\n";
    let read = |key| {
        let settings = in_force(project(written).args(["config"]), key);
        settings
            .into_iter()
            .map(|(value, _)| value.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(read("jobs"), ["16"]);
    assert_eq!(read("created"), ["1700000000"]);
    assert_eq!(read("annotation"), ["a.b=c", "n=7"]);
}

#[test]
fn an_empty_file_says_nothing() {
    let empty = project("").file(USER, "# nothing\n").args(["config"]).run();
    assert_eq!(empty.text(), tiny().args(["config"]).run().text());
}

#[test]
fn the_command_does_not_matter() {
    let commands = [&["config"][..], &["completions", "bash"], &["man", "pages"], &["-n"]];
    let told = commands.map(|args| {
        let answer = user("colour = \"never\"\n").args(args).status(3).stdout("").run();
        answer
            .stderr
            .replace(answer.dir().parent().unwrap().to_str().unwrap(), "")
    });
    assert!(told[0].contains("did you mean `color`?"));
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    // Help is for those who have got lost.
    user("colour = \"never\"\n").args(["--help"]).stderr("").run();
}

#[test]
fn machines_get_objects() {
    let answer = project("job = 1\n")
        .env("MODELBUILD_PROGRESS", "json")
        .status(3)
        .stdout("")
        .run();
    let event: Value = serde_json::from_str(answer.stderr.trim()).unwrap();
    assert_eq!(event["event"], "error");
    assert_eq!(event["file"], "modelbuild.toml");
    assert_eq!((&event["line"], &event["column"]), (&1.into(), &1.into()));
    assert_eq!(event["help"][0], "did you mean `jobs`?");
}

/// Whatever can be typed can be set: no key is forgotten when an option is added.
#[test]
fn every_option_is_known() {
    let config = tiny().args(["config", "--format", "json"]).run();
    let document: Value = serde_json::from_slice(&config.stdout).unwrap();
    let keys: Vec<&str> = document["settings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["key"].as_str().unwrap())
        .collect();
    let help = tiny().args(["build", "--help"]).run();
    let options: Vec<&str> = help
        .text()
        .lines()
        .filter_map(|line| line.trim_start().split_once("--"))
        .filter(|(before, _)| before.is_empty() || (before.starts_with('-') && before.len() == 4))
        .map(|(_, rest)| rest.split([' ', '=', '[']).next().unwrap())
        .filter(|option| *option != "help")
        .collect();
    let sorted = |mut names: Vec<&str>| {
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(sorted(keys.clone()), sorted(options));
    // Nobody takes a date in a list.
    let file = keys.join(" = [[1979-05-27]]\n") + " = [[1979-05-27]]\n";
    let refused = user(&file).args(["--progress", "json"]).status(3).run();
    assert_eq!(refused.stderr.lines().count(), keys.len());
    for line in refused.stderr.lines() {
        assert!(line.contains("` takes "), "{line}");
    }
}
