//! A mirror is read first, and believed no more than anybody: what it has not, or has damaged, comes from the registry.

use std::io::Write as _;

use snapbox::str;
use tar::EntryType::Regular;

use super::Line;
use crate::authorized::{SECRET, basic};
use crate::extracting::{WEIGHT, artifact, tar};
use crate::harness::Test;
use crate::layout::contents;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Options, Registry};
use crate::serving::noise;
use crate::tiny::manifest;

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

/// It would be tried as often for each blob.
#[test]
fn a_mirror_that_nobody_reaches_is_given_up_once() {
    for first in ["manifests", "blobs"] {
        let line = Line::new();
        line.proxy
            .change([format!("GET */{first}/* lose-answer always").parse().unwrap()]);
        pull(&line).args(["--retries=1", "-j1"]).run();
        line.check();
        let lost = line.proxy.record.entries();
        let lost = lost.iter().filter(|entry| entry.path().contains(first)).count();
        assert_eq!(lost, 2, "{}", line.proxy.record.lines());
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

/// Layers that are unpacked while they arrive, before anybody knows whether they are the right ones: where the tar is
/// another one, where it is none, and where a compressed one shows only at its end that it is damaged.
#[test]
fn what_a_mirror_has_damaged_of_a_packed_layer_is_unpacked_anew() {
    let files = [noise(300_000), noise(1_500_000), noise(200_000)];
    let names = ["a", "d/b", "c"];
    let entries: Vec<_> = names
        .iter()
        .zip(&files)
        .map(|(name, bytes)| (Regular, *name, &bytes[..]))
        .collect();
    let bytes = tar(&entries);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(&bytes).unwrap();
    let gzip = gzip.finish().unwrap();
    // No more than once what is in it.
    let most = ["--max-unpacked", "3MB"];
    for (encoding, bytes, damage, args) in [
        ("tar", &bytes, "flip-down=1000", &[][..]),
        ("tar", &bytes, "flip-down=7", &[]),
        ("tar", &bytes, "flip-down=302600", &[]),
        ("tar+gzip", &gzip, "flip-down=1900000", &most),
    ] {
        let registry = Registry::start(Options::default());
        let media_type = format!("{WEIGHT}.{encoding}");
        let test = Test::new();
        artifact(&test, "pushed", &[(&media_type, "packed", bytes.clone())]);
        let remote = format!("{}/a/packed:v1", registry.address());
        let pushed = test.args(["push", "-q", "pushed", &remote]).run();
        let rule = format!("GET /v2/a/packed/blobs/* {damage} always");
        let mirror = Proxy::start(&registry.address(), [rule.parse().unwrap()]);
        let pull = pushed
            .then()
            .file("mirrors.toml", settings(&registry.address(), &mirror.address()));
        let pulled = pull
            .env("MODELBUILD_CONFIG", "mirrors.toml")
            .args(["pull", "-q", &remote, "--extract", "out"])
            .args(args)
            .run();
        for (name, bytes) in names.iter().zip(&files) {
            assert!(
                fs_err::read(pulled.dir().join("out").join(name)).unwrap() == *bytes,
                "{encoding} {damage} {name}"
            );
        }
        let found: Vec<_> = contents(&pulled.dir().join("out")).into_keys().collect();
        assert_eq!(found, ["a", "c", "d", "d/b"]);
    }
}

/// Where all have it damaged, it is the digest that says so, and not what the unpacking came across.
#[test]
fn a_packed_layer_that_all_have_damaged_is_no_layer_to_blame() {
    for damage in ["flip-down=1000", "flip-down=7"] {
        let registry = Registry::start(Options::default());
        let test = Test::new();
        let media_type = format!("{WEIGHT}.tar");
        artifact(
            &test,
            "pushed",
            &[(&media_type, "packed", tar(&[(Regular, "a", &noise(2_000_000))]))],
        );
        let remote = format!("{}/a/packed:v1", registry.address());
        let pushed = test.args(["push", "-q", "pushed", &remote]).run();
        let digest = manifest(&pushed.dir().join("pushed"))["layers"][0]["digest"].clone();
        let rule = format!("GET /v2/a/packed/blobs/{} {damage} always", digest.as_str().unwrap());
        let proxy = Proxy::start(&registry.address(), [rule.parse().unwrap()]);
        let remote = format!("{}/a/packed:v1", proxy.address());
        let failed = pushed
            .then()
            .args(["pull", "-q", &remote, "--extract", "out"])
            .status(4)
            .run();
        assert!(failed.stderr.contains(", not sha256:"), "{}", failed.stderr);
        assert!(!failed.dir().join("out").exists());
    }
}

/// A registry that is copied to hashes what it is sent, and we do not: it is the one that finds the damage.
#[test]
fn what_a_mirror_has_damaged_is_copied_from_the_registry() {
    for (chunk, to_layout) in [("64MiB", false), ("1MiB", false), ("1MiB", true)] {
        let line = Line::new();
        let rule = format!("GET /v2/a/tiny/blobs/{} flip-down=7 always", line.weights);
        line.proxy.change([rule.parse().unwrap()]);
        let other = Registry::start(Options::default());
        let (from, to) = (line.registry.address(), other.address());
        let settings = settings(&from, &line.proxy.address());
        let settings = format!("{settings}[registry.\"{to}\"]\nchunk-size = \"{chunk}\"\n");
        let copy = line.built.then().cached().file("mirrors.toml", settings);
        let copy = copy
            .env("MODELBUILD_CONFIG", "mirrors.toml")
            .args(["copy", &format!("docker://{from}/a/tiny:v1")])
            .args([&format!("docker://{to}/b/tiny:v1")])
            .args(to_layout.then_some("oci:out"));
        let output = copy.run();
        assert_eq!(other.tag("b/tiny", "v1"), line.registry.tag("a/tiny", "v1"));
        assert!(other.has_blob("b/tiny", &line.weights), "{}", output.stderr);
        assert!(!output.stderr.contains("goes on at"), "{}", output.stderr);
        assert_eq!(other.open_uploads(), 0, "{}", other.record.lines());
        if to_layout {
            line.check();
        }
        // Everybody has it damaged.
        let mut copy = line.built.then().cached().file("mirrors.toml", "");
        copy = copy.env("MODELBUILD_CONFIG", "mirrors.toml");
        let from = format!("docker://{}", line.remote());
        let failed = copy
            .args(["copy", &from, &format!("docker://{to}/c/tiny:v1")])
            .status(4)
            .run();
        let said = format!("{} sent damaged content", line.proxy.address());
        assert!(failed.stderr.contains(&said), "{}", failed.stderr);
        assert_eq!(other.tag("c/tiny", "v1"), None);
    }
}

/// A mirror that has not sent it is not to blame, and what came is not fetched a second time to see that.
#[test]
fn what_the_registry_has_damaged_is_fetched_from_it_once() {
    let line = Line::new();
    let content = line.registry.content(&line.weights);
    let mut bytes = fs_err::read(&content).unwrap();
    bytes[7] ^= 1;
    fs_err::write(&content, bytes).unwrap();
    let rule = format!("GET /v2/a/tiny/blobs/{} status=404 always", line.weights);
    line.proxy.change([rule.parse().unwrap()]);
    let failed = pull(&line).status(4).run();
    assert!(failed.stderr.contains("sent damaged content"), "{}", failed.stderr);
    let mut asked = line.registry.record.of("GET");
    asked.retain(|entry| entry.path().ends_with(&line.weights));
    assert_eq!(asked.len(), 1, "{}", line.registry.record.lines());
}

/// But one that has sent the beginning is, though the rest came from elsewhere.
#[test]
fn what_a_mirror_has_damaged_and_not_sent_to_its_end_comes_from_the_registry() {
    let line = Line::new();
    let path = format!("GET /v2/a/tiny/blobs/{}", line.weights);
    let rules = [
        format!("{path} flip-down=7 cut-down=2000000"),
        format!("{path} status=500 always"),
    ];
    line.proxy.change(rules.map(|rule| rule.parse().unwrap()));
    pull(&line).args(["--retries=0"]).run();
    line.check();
}

/// Somebody else is there to be asked: it is tried twice, and then said to be a mirror that is not asked again.
#[test]
fn a_mirror_that_is_dead_costs_little_and_is_called_one() {
    let line = Line::new();
    let host = line.registry.address();
    let test = line.built.then().file("mirrors.toml", settings(&host, "127.0.0.1:1"));
    let pulled = test
        .env("MODELBUILD_CONFIG", "mirrors.toml")
        .args(["pull", &format!("{host}/a/tiny:v1"), "-o", "out", "--no-sync", "-j1"])
        .run();
    let said = crate::harness::redact_times(&pulled.stderr.replace(&host, "HOST"));
    crate::tiny::assert_same_text(
        said,
        str![[r#"
mirror 127.0.0.1:1: fetching the manifest `a/tiny:v1`: client error (Connect): tcp connect error: Connection refused (os error 111); again in [TIME]
mirror 127.0.0.1:1: fetching the manifest `a/tiny:v1`: client error (Connect): tcp connect error: Connection refused (os error 111); it is not asked again
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 3 layers, 5.24 MB; 3 written

"#]],
    );
    line.check();
}

/// As `pull` does; but which tags there are, a mirror may not know.
#[test]
fn what_only_looks_asks_mirrors_too() {
    let line = Line::new();
    let (registry, mirror) = (line.registry.address(), line.proxy.address());
    let run = |args: &[&str]| {
        let test = line.built.then().file("mirrors.toml", settings(&registry, &mirror));
        line.proxy.record.clear();
        line.registry.record.clear();
        test.env("MODELBUILD_CONFIG", "mirrors.toml").args(args).run();
        let lists = |record: &crate::servers::record::Record| record.lines().matches("tags/list").count();
        (asked_directly(&line), lists(&line.proxy.record))
    };
    let (tag, all) = (
        format!("docker://{registry}/a/tiny:v1"),
        format!("docker://{registry}/a/tiny"),
    );
    for args in [
        &["inspect", &tag][..],
        &["ls", &tag],
        &["verify", &tag],
        &["diff", "pushed", &tag],
    ] {
        assert_eq!(run(args), (0, 0), "{args:?}\n{}", line.registry.record.lines());
    }
    assert_eq!(run(&["ls", &all]), (1, 0), "{}", line.registry.record.lines());
}

/// Where the registry is not reached, a mirror's tags are better than none.
#[test]
fn the_tags_of_a_registry_that_is_away_are_a_mirrors() {
    let line = Line::new();
    let (dead, mirror) = ("127.0.0.1:1", line.proxy.address());
    let test = line.built.then().file("mirrors.toml", settings(dead, &mirror));
    let listed = test
        .env("MODELBUILD_CONFIG", "mirrors.toml")
        .args(["ls", &format!("docker://{dead}/a/tiny"), "--retries=0"])
        .run();
    assert!(listed.text().contains("\nv1  "), "{}", listed.text());
}
