//! A mirror is read first, and believed no more than anybody: what it has not, or has damaged, comes from the registry.

use super::Line;
use crate::authorized::{SECRET, basic};
use crate::harness::Test;

fn settings(registry: &str, mirror: &str) -> String {
    format!("[registry.\"{registry}\"]\nmirrors = [\"{mirror}\"]\n")
}

/// A pull from the registry, of which the proxy is a mirror.
fn pull(line: &Line) -> Test {
    let (registry, mirror) = (line.registry.address(), line.proxy.address());
    let remote = format!("{registry}/a/tiny:v1");
    let test = line.built.then().file("mirrors.toml", settings(&registry, &mirror));
    test.env("MODELBUILD_CONFIG", "mirrors.toml")
        .args(["pull", "-q", &remote, "-o", "out", "--no-sync"])
}

/// How many requests for something there were at the registry itself, beside those that the mirror passed on.
fn asked_directly(line: &Line) -> usize {
    line.registry.record.of("GET").len() - line.proxy.record.of("GET").len()
}

#[test]
fn what_a_mirror_has_is_not_asked_of_the_registry() {
    let line = Line::new();
    pull(&line).run();
    line.check();
    assert_eq!(asked_directly(&line), 0);
    assert!(line.fetched().0 > 0);
}

#[test]
fn what_a_mirror_has_damaged_comes_from_the_registry() {
    // All blobs, weights and config among them, and the manifest.
    let layers = ["sha256:", "manifests/v1"];
    for what in layers {
        let line = Line::new();
        let path = match what {
            "sha256:" => "/v2/a/tiny/blobs/*".to_owned(),
            _ => format!("/v2/a/tiny/{what}"),
        };
        line.proxy
            .change([format!("GET {path} flip-down=7 always").parse().unwrap()]);
        pull(&line).run();
        line.check();
        assert!(asked_directly(&line) > 0, "{what}");
    }
}

#[test]
fn what_a_mirror_does_not_send_comes_from_the_registry() {
    for fault in ["status=404", "status=401", "status=500", "cut-down=0"] {
        let line = Line::new();
        line.proxy
            .change([format!("GET /v2/* {fault} always").parse().unwrap()]);
        pull(&line).args(["--retries", "1"]).run();
        line.check();
    }
    // One that is not there at all.
    let line = Line::new();
    let test = pull(&line).file("mirrors.toml", settings(&line.registry.address(), "127.0.0.1:1"));
    test.args(["--retries", "0"]).run();
    line.check();
}

/// What is written goes to the registry itself, and who we are there is for nobody else.
#[test]
fn a_mirror_is_not_written_to_and_gets_no_credentials() {
    let line = Line::new();
    line.registry.change(|options| options.access = basic());
    let (registry, mirror) = (line.registry.address(), line.proxy.address());
    let test = line.built.then().file("mirrors.toml", settings(&registry, &mirror));
    let remote = format!("{registry}/another/tiny:v1");
    let login = ["--username", "bob", "--password-stdin"];
    test.env("MODELBUILD_CONFIG", "mirrors.toml")
        .args(["push", "-q", "pushed", &remote])
        .args(login)
        .stdin(SECRET)
        .run();
    assert_eq!(line.proxy.record.lines(), "");
    pull(&line).args(login).stdin(SECRET).run();
    line.check();
    assert_eq!(line.proxy.record.schemes(), Vec::<String>::new());
    assert_eq!(line.registry.record.schemes(), ["Basic"]);
}

#[test]
fn what_all_have_damaged_is_an_error_and_nothing_shows() {
    let line = Line::new();
    line.spoil(&["flip-down=7 always"]);
    // The proxy is the registry here, and its only mirror.
    let (registry, mirror) = (
        line.proxy.address(),
        line.proxy.address().replace("127.0.0.1", "localhost"),
    );
    let test = line.built.then().file("mirrors.toml", settings(&registry, &mirror));
    let remote = line.remote();
    let failed = test
        .env("MODELBUILD_CONFIG", "mirrors.toml")
        .args(["pull", "-q", &remote, "-o", "out", "--no-sync"])
        .status(4)
        .run();
    assert!(failed.stderr.contains(&line.weights), "{}", failed.stderr);
    assert_eq!(line.fetched().1, 2);
    line.check_unpublished();
}
