//! What `push`, `pull` and `copy` say of themselves: to people, to logs, to machines.

use rustix::process::Signal;
use serde_json::{Value, json as value};
use snapbox::{IntoData, str};

use crate::harness::{Output, Test, redact_times};
use crate::running::Running;
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Options, Registry};
use crate::tiny::{assert_same_text, json, tiny};

/// A layout `out` with three small layers.
fn built() -> Output {
    tiny().args(["-q", "-o", "out"]).run()
}

/// A proxy before `registry` that spoils requests as `rules` say.
fn spoiled(registry: &Registry, rules: &[&str]) -> Proxy {
    let rules: Vec<Rule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Proxy::start(&registry.address(), rules)
}

/// Runs `command`, in which `HOST` stands for `host`, and compares what it says on standard error.
#[track_caller]
fn says(host: &str, test: Test, command: &str, status: i32, expected: impl IntoData) -> Output {
    let args = command.split(' ').map(|word| word.replace("HOST", host));
    let output = test.args(args).status(status).run();
    assert_same_text(redact_times(&output.stderr).replace(host, "HOST"), expected);
    output
}

/// The events of `--progress json`, a line each, with `HOST` for `host`: those of all and of one file, since those of
/// different files mix.
pub fn events(stderr: &str, host: &str, path: &str) -> String {
    let mut events = String::new();
    for line in stderr.replace(host, "HOST").lines() {
        let mut event: Value = serde_json::from_str(line).unwrap();
        // How often it comes is a matter of time.
        let is_other = event["path"].as_str().is_some_and(|other| other != path);
        if is_other || event["event"] == "progress" {
            continue;
        }
        if event["seconds"].is_number() {
            event["seconds"] = "[TIME]".into();
        }
        // How a broken connection shows is chance, and how much of what was sent was still on its way.
        if event["why"].as_str().is_some_and(|why| why.contains("client error")) {
            event["why"] = "[CHANCE]".into();
        }
        if event["event"] == "restarted" {
            event["bytes"] = "[CHANCE]".into();
        }
        events.push_str(&event.to_string());
        events.push('\n');
    }
    events
}

/// A log says every five seconds that somebody is there still.
#[test]
fn a_log_goes_on_while_nothing_moves() {
    let registry = Registry::start(Options::default());
    let proxy = spoiled(&registry, &["PUT */blobs/uploads/* delay=6000"]);
    let model = format!("{}/some/model:v1", proxy.address());
    let args = ["push", "out", &model, "--progress", "plain", "-j1"];
    let output = built().then().args(args).run();
    let (said, rest) = output.stderr.split_once('\n').unwrap();
    assert!(said.contains(" %  ") && said.contains(" B of 18 B"), "{said}");
    assert!(rest.contains("  written in "), "{rest}");
    let there = registry.tag("some/model", "v1").unwrap();
    assert!(output.text().starts_with(&there), "{there}");
}

#[test]
fn a_transfer_leaves_one_line_that_says_what_went_where() {
    let registry = Registry::start(Options::default());
    let (host, built) = (registry.address(), built());
    let says = |command: &str, expected| says(&host, built.then(), command, 0, expected);
    says(
        "push out HOST/a:v1",
        str![[r#"
pushed `out` to `HOST/a:v1` in [TIME]: 3 layers, 18 B; 3 written

"#]],
    );
    says(
        "push out HOST/a:v1",
        str![[r#"
`HOST/a:v1` is up to date with `out`: 3 layers, 18 B

"#]],
    );
    says(
        "push out HOST/a:v2 HOST/b:v1 --mount-from a",
        str![[r#"
pushed `out` to 2 places in [TIME]: 3 layers, 18 B; `HOST/a:v2`: 3 there already; `HOST/b:v1`: 3 mounted

"#]],
    );
    says(
        "pull HOST/a:v1 -o in --include *.json",
        str![[r#"
pulled `HOST/a:v1` to `in` in [TIME]: 1 of 3 layers, 3 B; 1 written
note: 2 of 3 layers were left out, which the manifest names all the same
  = help: the same command without `--include`, `--exclude` and `--no-weights` brings the rest

"#]],
    );
    says(
        "pull HOST/a:v1 -o in",
        str![[r#"
pulled `HOST/a:v1` to `in` in [TIME]: 3 layers, 18 B; 2 written, 1 there already

"#]],
    );
    says(
        "pull HOST/a:v1 -o in",
        str![[r#"
`in` is up to date with `HOST/a:v1`: 3 layers, 18 B

"#]],
    );
    says("pull HOST/a:v1 -o in --progress none", str![""]);
    says("pull HOST/a:v1 -o in --quiet", str![""]);
}

/// What was sent is worth a number where it is not all of it.
#[test]
fn a_build_that_is_pushed_says_how_much_was_sent() {
    let registry = Registry::start(Options::default());
    let host = registry.address();
    let first = says(
        &host,
        tiny(),
        "build -t HOST/tiny:v1 --push",
        0,
        str![[r#"
built `tiny` in [TIME]: 3 layers, 18 B; 3 written

"#]],
    );
    says(
        &host,
        first.then().file("README.md", "# other\n"),
        "build -t HOST/tiny:v1 --push",
        0,
        str![[r#"
note: in `HOST/tiny` the tag `v1` was taken from sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6
  = help: its blobs stay; to keep its name too, give this one another tag
built `tiny` in [TIME]: 3 layers, 19 B; 1 written (8 B), 2 there already

"#]],
    );
}

#[test]
fn a_machine_is_told_of_retries_and_of_the_end() {
    let registry = Registry::start(Options::default());
    let proxy = spoiled(&registry, &["PUT */blobs/uploads/* status=503"]);
    let to = format!("{}/a:v1", proxy.address());
    let pushed = built()
        .then()
        .args(["push", "out", &to, "-j", "1", "--progress", "json"])
        .run();
    let events: Vec<Value> = pushed
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let retry = events.iter().find(|event| event["event"] == "retry").unwrap();
    assert!(retry["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(retry["host"], proxy.address());
    assert_eq!(retry["doing"], "sending `m.gguf`");
    assert_eq!(retry["why"], "status 503");
    let stored: Vec<_> = events.iter().filter(|event| event["event"] == "stored").collect();
    assert_eq!(stored.len(), 3);
    assert!(
        stored
            .iter()
            .all(|event| event["outcome"] == "written" && event["size"].is_u64())
    );
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["upToDate"]), (&"done".into(), &false.into()));
}

#[test]
fn a_log_is_told_of_retries_too() {
    let registry = Registry::start(Options::default());
    let proxy = spoiled(&registry, &["PUT */blobs/uploads/* status=503"]);
    says(
        &proxy.address(),
        built().then(),
        "push out HOST/a:v1 -j 1",
        0,
        str![[r#"
HOST: sending `m.gguf`: status 503; again in [TIME]
pushed `out` to `HOST/a:v1` in [TIME]: 3 layers, 18 B; 3 written

"#]],
    );
}

#[test]
fn a_terminal_shows_each_layer_and_notices_above() {
    let registry = Registry::start(Options::default());
    let rules = ["POST * status=503", "PUT */blobs/uploads/* always rate-up=1000000"];
    let proxy = spoiled(&registry, &rules);
    let built = tiny().file("m.gguf", vec![7; 40 << 20]).args(["-q", "-o", "out"]).run();
    let to = format!("{}/a:v1", proxy.address());
    let mut push = Running::on_terminal(&built.then().args(["push", "out", &to, "--color", "never"]));
    push.until(|said| said.contains("status 503; again in ").then_some(()));
    push.until(|said| said.contains("  m.gguf   ").then_some(()));
    push.until(|said| (said.contains("B/s  ") && said.contains(" left")).then_some(()));
    push.until(|said| said.contains("2 written").then_some(()));
    push.signal(Signal::INT);
    let (code, said) = push.end();
    assert_eq!(code, Some(130));
    let ended = "error: interrupted\n  = help: the same command goes on where this one ended\n";
    assert!(said.ends_with(ended), "{said:?}");
    assert!(!said.contains(" 0 s left"), "{said:?}");
}

#[test]
fn an_error_says_host_layer_status_and_what_to_do() {
    let registry = Registry::start(Options {
        largest_layer: Some((4, "at most 4 bytes".to_owned())),
        ..Options::default()
    });
    let built = built();
    says(
        &registry.address(),
        built.then(),
        "push out HOST/a:v1 -j 1",
        5,
        str![[r#"
error: HOST refused: sending `m.gguf`: status 413 SIZE_INVALID: at most 4 bytes
  = help: where a proxy limits requests, set a smaller `chunk-size` (docs/registries.md); where the registry takes no layer of this size, split the file into shards

"#]],
    );
    says(
        &registry.address(),
        built.then(),
        "pull HOST/a:v1",
        5,
        str![[r#"
error: HOST has no `HOST/a:v1`
  = help: check repository and tag, `latest` where none is given; `modelbuild ls docker://HOST/a` lists the tags

"#]],
    );
}

#[test]
fn damage_on_the_way_is_said_of_the_host_and_the_layer() {
    let registry = Registry::start(Options::default());
    let built = built();
    let to = format!("{}/a:v1", registry.address());
    built.then().args(["push", "out", &to, "-q"]).run();
    let proxy = spoiled(&registry, &["GET */blobs/* skip=1 flip-down=3"]);
    let output = says(
        &proxy.address(),
        built.then(),
        "pull HOST/a:v1 -o in -j 1",
        4,
        str![[r#"
error: `m.gguf`: HOST sent damaged content: the blob has the digest sha256:[..], not sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
  = help: the registry, or something before it, changes bytes: nothing of it was kept

"#]],
    );
    // What arrived before stays for the next attempt, and nobody sees it.
    assert_eq!(json(output.dir().join("in/index.json"))["manifests"], value!([]));
}

#[test]
fn uploads_that_are_not_finished_are_counted_and_forgotten() {
    let registry = Registry::start(Options::default());
    let proxy = spoiled(&registry, &["PATCH * skip=1 always status=400"]);
    let built = tiny().file("m.gguf", vec![7; 65 << 20]).args(["-q", "-o", "out"]).run();
    let to = format!("{}/a:v1", proxy.address());
    built.then().cached().args(["push", "out", &to, "-q"]).status(5).run();
    let cache = |args: &[&str]| built.then().cached().args(["cache"]).args(args).run();
    let shown = cache(&[]);
    assert_eq!(shown.text().lines().last(), Some("uploads  1 not finished"));
    let json: Value = serde_json::from_slice(&cache(&["--format", "json"]).stdout).unwrap();
    assert_eq!(json["uploads"], 1);
    assert!(json["bytes"].as_u64().unwrap() > 0);
    assert_eq!(cache(&["prune"]).text(), "0 digests removed, 0 kept");
    assert_eq!(cache(&["clear"]).text(), "0 digests removed, 1 upload forgotten");
    let left = built.dir().join(crate::cache::CACHE).join("uploads-1");
    assert_eq!(fs_err::read_dir(left).unwrap().count(), 0);
}
