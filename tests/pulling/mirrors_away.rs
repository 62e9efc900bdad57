//! A mirror that fails costs little: somebody else is there to be asked.

use snapbox::str;

use super::Line;
use crate::harness::{Test, redact_times};
use crate::servers::http::Reply;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Access, Instead, Options, Registry, TokenService};
use crate::tiny::assert_same_text;

/// Where nobody is.
const DEAD: &str = "127.0.0.1:1";

/// A command that has these mirrors of a registry.
fn with(line: &Line, registry: &str, mirrors: &[&str]) -> Test {
    let table = format!("[registry.\"{registry}\"]\nmirrors = {mirrors:?}\n");
    let test = line.built.then().file("mirrors.toml", table);
    test.env("MODELBUILD_CONFIG", "mirrors.toml")
}

/// A pull from the registry, of which the proxy is a mirror.
fn pull(line: &Line) -> Test {
    let registry = line.registry.address();
    let remote = format!("{registry}/a/tiny:v1");
    let test = with(line, &registry, &[&line.proxy.address()]);
    test.args(["pull", &remote, "-o", "out", "--no-sync", "-j1"])
}

/// The tags of a registry that nobody reaches.
fn tags(line: &Line, mirrors: &[&str]) -> Test {
    let all = format!("docker://{DEAD}/a/tiny");
    with(line, DEAD, mirrors).args(["ls", &all, "--retries=0"])
}

#[test]
fn a_mirror_without_tags_is_no_answer() {
    let line = Line::new();
    let knows_nothing = Proxy::start(&line.registry.address(), ["GET * always status=404".parse().unwrap()]);
    let (first, second) = (knows_nothing.address(), line.proxy.address());
    let listed = tags(&line, &[&first, &second]).run();
    assert!(listed.text().contains("\nv1  "), "{}", listed.text());
    let failed = tags(&line, &[&first]).status(5).stdout("").run();
    assert_same_text(
        failed.stderr,
        str![[r#"
error: 127.0.0.1:1 cannot be reached: listing the tags of a/tiny: client error (Connect): tcp connect error: Connection refused (os error 111)
  = help: check the name and the network

"#]],
    );
}

#[test]
fn a_mirror_that_nobody_reaches_is_given_up_for_tags_too() {
    let line = Line::new();
    let listed = tags(&line, &["127.0.0.1:2", &line.proxy.address()]).run();
    assert!(listed.text().contains("\nv1  "), "{}", listed.text());
    assert_same_text(
        redact_times(&listed.stderr),
        str![[r#"
mirror 127.0.0.1:2: listing the tags of a/tiny: client error (Connect): tcp connect error: Connection refused (os error 111); it is not asked again

"#]],
    );
}

#[test]
fn a_mirror_is_not_waited_for_as_it_asks() {
    let line = Line::new();
    line.proxy.change(["GET * always status=503:60".parse().unwrap()]);
    let pulled = pull(&line).run();
    line.check();
    assert!(!pulled.stderr.contains("again in"), "{}", pulled.stderr);
    let mut asked: Vec<_> = line
        .proxy
        .record
        .of("GET")
        .iter()
        .map(|entry| entry.path().to_owned())
        .collect();
    let requests = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), requests, "{}", line.proxy.record.lines());
}

/// Nor is its token server.
#[test]
fn who_gives_no_token_for_a_mirror_is_not_waited_for() {
    let line = Line::new();
    let tokens = TokenService::start("user", "password");
    let realm = tokens.realm();
    let address = realm.split('/').nth(2).unwrap();
    let busy = Proxy::start(address, ["GET * always status=503:60".parse().unwrap()]);
    let mirror = Registry::start(Options {
        access: Access::Bearer {
            realm: realm.replace(address, &busy.address()),
            tokens: tokens.tokens.clone(),
        },
        ..Options::default()
    });
    let registry = line.registry.address();
    let remote = format!("{registry}/a/tiny:v1");
    let test = with(&line, &registry, &[&mirror.address()]);
    let pulled = test.args(["pull", &remote, "-o", "out", "--no-sync", "-j1"]).run();
    line.check();
    assert!(!pulled.stderr.contains("again in"), "{}", pulled.stderr);
    assert!(!busy.record.entries().is_empty());
}

/// Whatever it fails at: before its answer, or within it.
#[test]
fn a_mirror_is_tried_twice_at_most() {
    for path in ["blobs/sha256:*", "manifests/v1"] {
        let line = Line::new();
        let path = path.replace("sha256:*", &line.weights);
        let rules = ["status=503", "cut-down=10", "status=503", "cut-down=10"];
        let rules = rules.map(|fault| format!("GET */{path} {fault}").parse().unwrap());
        line.proxy.change(rules);
        pull(&line).run();
        line.check();
        let mut asked = line.proxy.record.of("GET");
        asked.retain(|entry| entry.path().ends_with(&path));
        assert_eq!(asked.len(), 2, "{}", line.proxy.record.lines());
    }
}

/// It is waited for as long as anybody, and that once: before its answer, or before the first byte of it.
#[test]
fn a_mirror_that_says_nothing_is_asked_once() {
    for (path, fault) in [
        ("manifests/v1", "delay=60000"),
        ("manifests/v1", "stall-down=0:60000"),
        ("blobs/sha256:*", "delay=60000"),
        ("blobs/sha256:*", "stall-down=0:60000"),
    ] {
        let line = Line::new();
        let path = path.replace("sha256:*", &line.weights);
        line.proxy
            .change([format!("GET */{path} always {fault}").parse().unwrap()]);
        let pulled = pull(&line).args(["--timeout=1s"]).run();
        line.check();
        let mut asked = line.proxy.record.of("GET");
        asked.retain(|entry| entry.path().ends_with(&path));
        assert_eq!(asked.len(), 1, "{fault}\n{}", line.proxy.record.lines());
        let told = "no answer for 1 s; it is not asked again";
        assert_eq!(pulled.stderr.matches(told).count(), 1, "{}", pulled.stderr);
        // Nor is it for what comes after that.
        let last = line.proxy.record.entries().pop().unwrap();
        assert!(last.path().ends_with(&path), "{}", line.proxy.record.lines());
    }
}

/// One that has sent something is worth another attempt.
#[test]
fn a_mirror_that_stops_in_the_middle_goes_on() {
    let line = Line::new();
    line.spoil(&["stall-down=2000000:60000"]);
    pull(&line).args(["--timeout=1s"]).run();
    line.check();
    assert_eq!(line.fetched().1, 2, "{}", line.proxy.record.lines());
}

/// It is the mirror that is given up, and who that is stands in the settings.
#[test]
fn a_mirror_that_sends_us_to_nobody_goes_by_its_own_name() {
    let line = Line::new();
    let registry = line.registry.address();
    let mirror = Registry::start(Options::default());
    mirror.change(|options| {
        options.instead = Instead::of(|request| {
            let there = format!("http://{DEAD}{}", request.target);
            let is_blob = request.path().contains("/blobs/");
            is_blob.then(|| Reply::new(307).header("Location", there))
        });
    });
    let test = with(&line, &registry, &[&mirror.address()]);
    let remote = format!("{registry}/a/tiny:v1");
    let pulled = test.args(["pull", &remote, "-o", "out", "--no-sync", "-j1"]).run();
    let said = pulled
        .stderr
        .replace(&registry, "HOST")
        .replace(&mirror.address(), "MIRROR");
    assert_same_text(
        redact_times(&said),
        str![[r#"
mirror MIRROR: fetching sha256:6922bf120d0bf9e67cdbce38d977d2d54ebdddcadf015e782de188663915217b, for which it sends us to 127.0.0.1:1: client error (Connect): tcp connect error: Connection refused (os error 111); again in [TIME]
mirror MIRROR: fetching sha256:6922bf120d0bf9e67cdbce38d977d2d54ebdddcadf015e782de188663915217b, for which it sends us to 127.0.0.1:1: client error (Connect): tcp connect error: Connection refused (os error 111); it is not asked again
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 3 layers, 5.24 MB; 3 written

"#]],
    );
    line.check();
}
