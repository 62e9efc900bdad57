//! Who is heard first.

use serde_json::{Value, json};
use snapbox::str;

use super::{USER, in_force, project, user};
use crate::harness::Test;
use crate::tiny::{manifest, tiny};

/// A way to say something: on the command line, in the environment, in a file.
struct Ways {
    key: &'static str,
    /// What each of the four places says, the one of most weight first.
    flag: &'static [&'static str],
    variable: &'static str,
    project: &'static str,
    user: &'static str,
    /// What is in force by each, and by none.
    values: [Value; 5],
}

const PLACES: [&str; 5] = ["flag", "environment", "project", "user", "default"];

fn ways() -> [Ways; 4] {
    [
        Ways {
            key: "jobs",
            flag: &["--jobs", "1"],
            variable: "2",
            project: "jobs = 3",
            user: "jobs = 4",
            values: [json!("1"), json!("2"), json!("3"), json!("4"), json!(null)],
        },
        Ways {
            key: "strict",
            flag: &["--strict"],
            variable: "false",
            project: "strict = true",
            user: "strict = false",
            values: [json!(true), json!(false), json!(true), json!(false), json!(false)],
        },
        Ways {
            key: "tag",
            flag: &["-t", "a:1"],
            variable: "a:2",
            project: "tag = ['a:3']",
            user: "tag = ['a:4']",
            values: [json!("a:1"), json!("a:2"), json!("a:3"), json!("a:4"), json!(null)],
        },
        Ways {
            key: "progress",
            flag: &["--progress", "none"],
            variable: "json",
            project: "progress = 'plain'",
            user: "progress = 'tty'",
            values: [
                json!("none"),
                json!("json"),
                json!("plain"),
                json!("tty"),
                json!("auto"),
            ],
        },
    ]
}

#[test]
fn each_place_is_heard_before_those_behind_it() {
    for ways in ways() {
        // Every set of places that say something: so every pair, too.
        for places in 0..16_u8 {
            let says = |place: usize| places & (1 << place) != 0;
            let mut test = tiny().args(["config"]);
            if says(0) {
                test = test.args(ways.flag);
            }
            if says(1) {
                test = test.env(format!("MODELBUILD_{}", ways.key.to_uppercase()), ways.variable);
            }
            if says(2) {
                test = test.file("modelbuild.toml", ways.project);
            }
            if says(3) {
                test = test.file(USER, ways.user);
            }
            let heard = (0..4).find(|place| says(*place)).unwrap_or(4);
            let expected = (ways.values[heard].clone(), PLACES[heard].to_owned());
            assert_eq!(in_force(test, ways.key), [expected], "{} {places:04b}", ways.key);
        }
    }
}

#[test]
fn pairs_are_put_together_key_by_key() {
    let test = tiny()
        .file(
            USER,
            "annotation = { a = 'user', b = 'user', c = 'user', d = 'user' }\n",
        )
        .file(
            "modelbuild.toml",
            "annotation = { a = 'project', b = 'project', c = 'project' }\n",
        )
        .env("MODELBUILD_ANNOTATION", "a=environment\nb=environment\n")
        .args(["--annotation", "a=flag", "-q", "-o", "out"])
        .run();
    let annotations = &manifest(&test.dir().join("out"))["annotations"];
    let heard = ["a", "b", "c", "d"].map(|key| annotations[key].as_str().unwrap());
    assert_eq!(heard, ["flag", "environment", "project", "user"]);
}

#[test]
fn arguments_of_the_modelfile_are_put_together_too() {
    let test = || {
        tiny()
            .file(
                "Modelfile",
                "ARG size=1B\nARG name=x\nNAME ${name}-${size}\nMODEL m.gguf\n",
            )
            .file(USER, "build-arg = { size = '4B', name = 'user' }")
            .file("modelbuild.toml", "build-arg = { size = '3B' }")
    };
    let name = |test: Test| {
        let built = test.args(["--format", "json", "-n"]).run();
        let document: Value = serde_json::from_slice(&built.stdout).unwrap();
        document["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name(test()), "user-3B");
    assert_eq!(name(test().env("MODELBUILD_BUILD_ARG", "size=2B\nname=env")), "env-2B");
    assert_eq!(name(test().args(["--build-arg", "name=flag"])), "flag-3B");
    // As with buildx: where the environment does not have it, nothing is said.
    assert_eq!(name(test().args(["--build-arg", "name"])), "user-3B");
    assert_eq!(name(test().args(["--build-arg", "name"]).env("name", "env")), "env-3B");
}

/// What a build does is what `config` says.
#[test]
fn a_build_does_what_is_in_force() {
    let kind = |test: Test| {
        let built = test.args(["build", "-q", "-o", "out"]).run();
        let manifest = manifest(&built.dir().join("out"));
        manifest["config"]["mediaType"].as_str().unwrap().to_owned()
    };
    let (modelpack, docker) = (
        "application/vnd.cncf.model.config.v1+json",
        "application/vnd.docker.ai.model.config.v0.2+json",
    );
    assert_eq!(kind(user("spec = 'docker'")), docker);
    assert_eq!(
        kind(user("spec = 'docker'").file("modelbuild.toml", "spec = 'modelpack'")),
        modelpack
    );
    assert_eq!(
        kind(project("spec = 'modelpack'").env("MODELBUILD_SPEC", "docker")),
        docker
    );
    let test = project("spec = 'modelpack'").env("MODELBUILD_SPEC", "modelpack");
    let built = test.args(["--spec", "docker", "-q", "-o", "out"]).run();
    assert_eq!(manifest(&built.dir().join("out"))["config"]["mediaType"], docker);
}

#[test]
fn an_empty_list_is_a_word_too() {
    let test = user("tag = ['a:1']").file("modelbuild.toml", "tag = []");
    assert_eq!(
        in_force(test.args(["config"]), "tag"),
        [(json!(null), "project".to_owned())]
    );
}

#[test]
fn a_flag_is_taken_back_by_its_opposite() {
    let strict = |args: &[&str]| in_force(project("strict = true").args(["config"]).args(args), "strict");
    assert_eq!(strict(&[]), [(json!(true), "project".to_owned())]);
    assert_eq!(strict(&["--no-strict"]), [(json!(false), "flag".to_owned())]);
    assert_eq!(strict(&["--no-strict", "--strict"]), [(json!(true), "flag".to_owned())]);
    assert_eq!(
        strict(&["--strict", "--no-strict"]),
        [(json!(false), "flag".to_owned())]
    );
    let sync = in_force(user("no-sync = true").args(["config", "--sync"]), "no-sync");
    assert_eq!(sync, [(json!(false), "flag".to_owned())]);
    // And where there is no command.
    let built = project("dry-run = true").args(["--no-dry-run", "-q"]).run();
    assert!(built.dir().join("dist/tiny/index.json").exists());
}

#[test]
fn what_is_excluded_by_a_word_of_more_weight_is_not_heard() {
    let test = project("tar = true").args(["config", "--raw"]);
    assert_eq!(in_force(test, "tar"), [(json!(false), "default".to_owned())]);
    let test = user("raw = true")
        .file("modelbuild.toml", "tar = true")
        .args(["config"]);
    assert_eq!(in_force(test, "raw"), [(json!(false), "default".to_owned())]);
    // A flag that is off excludes nothing.
    let test = user("raw = true")
        .file("modelbuild.toml", "tar = false")
        .args(["config"]);
    assert_eq!(in_force(test, "raw"), [(json!(true), "user".to_owned())]);
    let quiet = project("quiet = true").args(["--format", "json", "-n"]).run();
    assert!(quiet.text().starts_with('{'));
    let format = project("format = 'json'").args(["-q", "-n"]).run();
    assert!(format.text().starts_with("sha256:"));
}

#[test]
fn in_one_place_two_that_exclude_each_other_are_wrong() {
    project("tar = true\nraw = true\n")
        .status(3)
        .stderr(str![[r#"
error: `tar` and `raw` exclude each other
 --> modelbuild.toml:2:1
  |
1 | tar = true
  | --- stated here, too
2 | raw = true
  | ^^^


"#]])
        .run();
    tiny()
        .env("MODELBUILD_TAR", "1")
        .env("MODELBUILD_RAW", "1")
        .status(2)
        .stderr(str![[r#"
error: `MODELBUILD_TAR` and `MODELBUILD_RAW` exclude each other
  = help: unset one of them

"#]])
        .run();
}

/// `SOURCE_DATE_EPOCH` is a word of the environment's.
#[test]
fn the_epoch_of_everybody_is_heard_before_files() {
    let created = |test: Test| in_force(test, "created");
    let project = || project("created = 2020-01-01T00:00:00Z").args(["config"]);
    assert_eq!(
        created(project()),
        [(json!("2020-01-01T00:00:00Z"), "project".to_owned())]
    );
    let epoch = || project().env("SOURCE_DATE_EPOCH", "1");
    assert_eq!(created(epoch()), [(json!("1"), "environment".to_owned())]);
    assert_eq!(
        created(epoch().env("MODELBUILD_CREATED", "2")),
        [(json!("2"), "environment".to_owned())]
    );
    assert_eq!(
        created(epoch().args(["--created", "3"])),
        [(json!("3"), "flag".to_owned())]
    );
}
