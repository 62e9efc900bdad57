//! Registries that are reached by a proxy that the environment names.

mod blamed;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::harness::{Output, Test};
use crate::layout::check;
use crate::registry;
use crate::servers::forward::Forward;
use crate::servers::registry::{Options, Registry};
use crate::tiny::tiny;

/// The password for the proxy, as nothing but the proxy may hear it.
const SECRET: &str = "hunter2-of-carol";

fn built() -> Output {
    tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run()
}

/// A run for which the environment names a proxy.
fn by(built: &Output, variable: &str, proxy: &str, command: &[&str]) -> Test {
    let test = built.then().env(variable, format!("http://carol:{SECRET}@{proxy}"));
    test.args(command).args(["--retries=0"])
}

/// Checks that every request came with the proxy's password, and for the registry.
#[track_caller]
fn check_asked(forward: &Forward, target: &str) {
    let shown = format!("Basic {}", BASE64_STANDARD.encode(format!("carol:{SECRET}")));
    let entries = forward.record.entries();
    assert!(!entries.is_empty());
    for entry in entries {
        assert!(entry.target.starts_with(target), "{}", entry.target);
        assert_eq!(entry.headers.get("Proxy-Authorization"), Some(&*shown));
    }
}

#[test]
fn plain_http_goes_by_whole_addresses() {
    let (registry, built) = (Registry::start(Options::default()), built());
    let forward = Forward::start(&registry.address());
    let by = |command: &[&str]| by(&built, "HTTP_PROXY", &forward.address(), command).args(["--plain-http"]);
    let remote = "registry.test/a/tiny:v1";
    by(&["push", "pushed", remote]).run();
    by(&["pull", remote, "-o", "out"]).run();
    check(&built.dir().join("out"));
    // Who is reached without it hears nothing of it.
    let near = Registry::start(Options::default());
    let to = format!("docker://{}/b/tiny:v1", near.address());
    by(&["copy", &format!("docker://{remote}"), &to]).run();
    assert_eq!(near.tag("b/tiny", "v1"), registry.tag("a/tiny", "v1"));
    for record in [&near.record, &registry.record] {
        let heard = |entry: &str| {
            entry.eq_ignore_ascii_case("Proxy-Authorization") || entry.eq_ignore_ascii_case("Authorization")
        };
        let entries = record.entries();
        assert!(
            entries
                .iter()
                .all(|entry| !entry.headers.iter().any(|(name, _)| heard(name)))
        );
    }
    check_asked(&forward, "http://registry.test/v2/a/tiny/");
}

#[test]
fn tls_goes_through_a_tunnel() {
    let settings = registry::Settings {
        tls: true,
        ..registry::Settings::default()
    };
    let Some(registry) = registry::Registry::start_with(&settings) else {
        return;
    };
    let built = built();
    let forward = Forward::start(registry.address());
    let by = |command: &[&str]| by(&built, "HTTPS_PROXY", &forward.address(), command);
    let remote = "registry.test/a/tiny:v1";
    // Its certificate is for other names than that one.
    let refused = by(&["push", "pushed", remote]).status(5).run();
    assert!(refused.stderr.contains("--insecure"), "{}", refused.stderr);
    by(&["push", "pushed", remote, "--insecure"]).run();
    by(&["pull", remote, "-o", "out", "--insecure"]).run();
    check(&built.dir().join("out"));
    check_asked(&forward, "registry.test:443");
    assert_eq!(forward.record.count("CONNECT"), forward.record.count("*"));
}

#[test]
fn some_hosts_need_none() {
    let (registry, built) = (Registry::start(Options::default()), built());
    let forward = Forward::start(&registry.address());
    let by = |command: &[&str]| by(&built, "HTTP_PROXY", &forward.address(), command).args(["--plain-http"]);
    by(&["push", "pushed", &format!("{}/a/tiny:v1", registry.address())]).run();
    // A name that nobody resolves, which is what it fails for.
    let inspect = ["inspect", "docker://registry.test/a/tiny:v1"];
    by(&inspect)
        .env("NO_PROXY", "example.com,registry.test")
        .status(5)
        .run();
    assert_eq!(forward.record.count("*"), 0);
    by(&inspect).env("NO_PROXY", "example.com").run();
    check_asked(&forward, "http://registry.test/v2/a/tiny/");
}
