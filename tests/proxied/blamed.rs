//! Proxies that are down, or will not: the error names them, and the variable that does, and no password.

use snapbox::str;

use super::{SECRET, built, by};
use crate::harness::{Output, Test};
use crate::registry;
use crate::servers::forward::Forward;
use crate::servers::registry::{Options, Registry};
use crate::tiny::assert_same_text;

/// Where nobody listens.
const NOBODY: &str = "127.0.0.1:1";

const PLAIN: [&str; 3] = ["inspect", "docker://registry.test/a/tiny:v1", "--plain-http"];
const TLS: [&str; 2] = ["inspect", "docker://registry.test/a/tiny:v1"];

/// What a run that fails says, which is no secret.
#[track_caller]
fn failed(test: Test) -> String {
    let Output { stdout, stderr, .. } = &test.status(5).run();
    for said in [&String::from_utf8_lossy(stdout), &**stderr] {
        assert!(!said.contains(SECRET) && !said.contains("carol"), "{said}");
    }
    stderr.clone()
}

/// As [`by`], but what fails and may pass is tried once more.
fn twice(built: &Output, variable: &str, proxy: &str, command: &[&str]) -> Test {
    let test = built.then().env(variable, format!("http://carol:{SECRET}@{proxy}"));
    test.args(command).args(["--retries=1"])
}

#[test]
fn one_that_is_down() {
    let built = built();
    assert_same_text(
        failed(by(&built, "HTTP_PROXY", NOBODY, &PLAIN)),
        str![[r#"
error: the proxy 127.0.0.1:1, which `HTTP_PROXY` names, cannot be reached for registry.test: fetching the manifest `a/tiny:v1`: client error (Connect): tcp connect error: Connection refused (os error 111)
  = help: check the proxy and `HTTP_PROXY`; if registry.test is reached without one, list it in `NO_PROXY`

"#]],
    );
    assert_same_text(
        failed(by(&built, "HTTPS_PROXY", NOBODY, &TLS)),
        str![[r#"
error: the proxy 127.0.0.1:1, which `HTTPS_PROXY` names, cannot be reached for registry.test: fetching the manifest `a/tiny:v1`: client error (Connect): tunnel error: failed to create underlying connection: tcp connect error: Connection refused (os error 111)
  = help: check the proxy and `HTTPS_PROXY`; if registry.test is reached without one, list it in `NO_PROXY`

"#]],
    );
}

#[test]
fn it_is_tried_again_by_its_name() {
    let built = built();
    let said = failed(twice(&built, "HTTP_PROXY", NOBODY, &PLAIN));
    assert!(said.contains("by the proxy 127.0.0.1:1"), "{said}");
}

#[test]
fn the_variable_that_names_it_is_named() {
    let built = built();
    for (command, own, lower) in [
        (&PLAIN[..], "HTTP_PROXY", "http_proxy"),
        (&TLS[..], "HTTPS_PROXY", "https_proxy"),
    ] {
        for variable in [own, lower, "ALL_PROXY", "all_proxy"] {
            let by = || by(&built, variable, NOBODY, command);
            let check = |said: &str, named: &str| {
                let expected =
                    format!("the proxy 127.0.0.1:1, which `{named}` names, cannot be reached for registry.test");
                assert!(
                    said.contains(&expected) && said.contains(&format!("check the proxy and `{named}`")),
                    "{said}"
                );
            };
            check(&failed(by()), variable);
            // None that is for more, or written otherwise, comes before it; nor one that names nothing.
            for (less, value) in [("ALL_PROXY", "127.0.0.1:2"), ("all_proxy", "127.0.0.1:2")] {
                if ![variable, "ALL_PROXY"].contains(&less) {
                    check(&failed(by().env(less, value)), variable);
                }
            }
            if variable.eq_ignore_ascii_case("ALL_PROXY") {
                check(&failed(by().env(own, "").env(lower, "127.0.0.1:2")), variable);
            }
            // A name that nobody resolves, which is what it fails for.
            for none in ["NO_PROXY", "no_proxy"] {
                let said = failed(by().env(none, "example.com,registry.test"));
                assert!(
                    said.starts_with("error: registry.test cannot be reached: fetching"),
                    "{said}"
                );
                assert!(!said.contains("proxy"), "{said}");
            }
        }
        // The first that is set.
        let said = failed(by(&built, own, NOBODY, command).env(lower, "127.0.0.1:2"));
        assert!(said.contains(&format!("127.0.0.1:1, which `{own}` names")), "{said}");
    }
}

#[test]
fn one_that_makes_no_tunnel() {
    let built = built();
    let forward = Forward::refusing(407);
    let named = |said: String| said.replace(&forward.address(), "[PROXY]");
    let said = named(failed(twice(&built, "HTTPS_PROXY", &forward.address(), &TLS)));
    assert_same_text(
        said,
        str![[r#"
error: registry.test cannot be reached by the proxy [PROXY], which `HTTPS_PROXY` names: fetching the manifest `a/tiny:v1`: client error (Connect): tunnel error: proxy authorization required
  = help: write who you are to the proxy into `HTTPS_PROXY`: `http://USER:PASSWORD@[PROXY]`

"#]],
    );
    assert_eq!(forward.record.count("CONNECT"), 1, "it would say the same again");

    let forward = Forward::refusing(502);
    let named = |said: String| said.replace(&forward.address(), "[PROXY]");
    assert_same_text(
        named(failed(by(&built, "ALL_PROXY", &forward.address(), &TLS))),
        str![[r#"
error: registry.test cannot be reached by the proxy [PROXY], which `ALL_PROXY` names: fetching the manifest `a/tiny:v1`: client error (Connect): tunnel error: unsuccessful
  = help: check the proxy and `ALL_PROXY`; if registry.test is reached without one, list it in `NO_PROXY`

"#]],
    );
}

/// Its answers look like the registry's own.
#[test]
fn one_that_passes_nothing_on() {
    let built = built();
    for (status, expected) in [
        (
            407,
            str![[r#"
error: registry.test cannot be reached by the proxy [PROXY], which `http_proxy` names: fetching the manifest `a/tiny:v1`: status 407
  = help: write who you are to the proxy into `http_proxy`: `http://USER:PASSWORD@[PROXY]`

"#]],
        ),
        (
            502,
            str![[r#"
error: registry.test refused: fetching the manifest `a/tiny:v1`, by the proxy [PROXY], which `http_proxy` names: status 502
  = help: try again later

"#]],
        ),
    ] {
        let forward = Forward::refusing(status);
        let said = failed(by(&built, "http_proxy", &forward.address(), &PLAIN));
        assert_same_text(said.replace(&forward.address(), "[PROXY]"), expected);
    }
}

/// What is wrong behind it is not its fault, and may be its doing.
#[test]
fn a_certificate_behind_it() {
    let settings = registry::Settings {
        tls: true,
        ..registry::Settings::default()
    };
    let Some(registry) = registry::Registry::start_with(&settings) else {
        return;
    };
    let built = built();
    let forward = Forward::start(registry.address());
    let said = failed(by(&built, "HTTPS_PROXY", &forward.address(), &TLS));
    let expected = format!(
        "error: registry.test cannot be reached by the proxy {}, which `HTTPS_PROXY` names: fetching",
        forward.address()
    );
    assert!(said.starts_with(&expected) && said.contains("--insecure"), "{said}");
}

/// A push, whose layers go by requests of another kind.
#[test]
fn one_that_goes_down_during_a_push() {
    let built = built();
    let push = ["push", "pushed", "registry.test/a/tiny:v1", "--plain-http"];
    let said = failed(by(&built, "HTTP_PROXY", NOBODY, &push));
    assert!(
        said.contains("the proxy 127.0.0.1:1, which `HTTP_PROXY` names, cannot be reached"),
        "{said}"
    );
}

/// What is on this machine no proxy is asked for, and so none is blamed.
#[test]
fn nobody_blames_one_that_was_not_asked() {
    let built = built();
    let registry = Registry::start(Options::default());
    let gone = registry.address();
    drop(registry);
    let said = failed(by(
        &built,
        "ALL_PROXY",
        NOBODY,
        &["inspect", &format!("docker://{gone}/a/tiny:v1")],
    ));
    assert!(!said.contains("proxy"), "{said}");
}

#[test]
fn socks_is_not_spoken() {
    let built = built();
    let test = built
        .then()
        .env("ALL_PROXY", format!("socks5://carol:{SECRET}@{NOBODY}"));
    assert_same_text(
        failed(test.args(TLS).args(["--retries=0"])),
        str![[r#"
error: the proxy 127.0.0.1:1, which `ALL_PROXY` names, cannot be reached for registry.test: fetching the manifest `a/tiny:v1`: client error (Connect): tunnel error: failed to create underlying connection: unsupported scheme socks5
  = help: SOCKS is not spoken here: name a proxy in `ALL_PROXY` that speaks HTTP

"#]],
    );
}

/// The HTTP client would do without it, and say nothing.
#[test]
fn one_that_is_none() {
    let built = built();
    let refused = |variable: &str, value: &str, command: &[&str]| {
        let test = built.then().env(variable, value).args(command).args(["--retries=0"]);
        let Output { stdout, stderr, .. } = test.status(2).run();
        assert_eq!(stdout, b"");
        stderr
    };
    let said = refused("HTTPS_PROXY", &format!("http://carol:{SECRET}@[proxy:3128"), &TLS);
    assert_same_text(
        said.clone(),
        str![[r#"
error: `HTTPS_PROXY` names no proxy by which registry.test could be reached
  = help: write `HTTPS_PROXY` as `http://HOST:PORT`, or as `http://USER:PASSWORD@HOST:PORT` with `%` and two digits for what is special there; if registry.test is reached without a proxy, list it in `NO_PROXY`

"#]],
    );
    for value in [
        "ftp://proxy.test",
        &format!("http://carol:{SECRET} @proxy.test"),
        "/proxy",
    ] {
        assert_eq!(refused("HTTPS_PROXY", value, &TLS), said, "{value}");
        for (variable, command) in [("http_proxy", &PLAIN[..]), ("ALL_PROXY", &PLAIN), ("all_proxy", &TLS)] {
            let named = said.replace("HTTPS_PROXY", variable);
            assert_eq!(refused(variable, value, command), named, "{value}");
        }
    }
    // Who needs none is not asked for one.
    let there = Registry::start(Options::default());
    let push = |variable: &str, remote: &str| {
        let test = built.then().env(variable, "ftp://proxy.test");
        test.args(["push", "-q", "pushed", remote])
    };
    push("HTTP_PROXY", &format!("{}/a/tiny:v1", there.address())).run();
    let said = push("HTTPS_PROXY", "registry.test/a/tiny:v1").env("NO_PROXY", "registry.test");
    said.args(["--retries=0"]).status(5).run();
    built
        .then()
        .env("HTTPS_PROXY", "ftp://proxy.test")
        .args(["build", "-q", "-o", "again"])
        .run();
}
