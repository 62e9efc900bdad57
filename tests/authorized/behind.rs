//! Registries behind somebody else's TLS, which they know nothing of: they name themselves by http, and are spoken to as
//! before. Nobody else is spoken to less safely.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use snapbox::str;

use super::{DOCKER, SECRET, auths, check_said, check_secrets, entry};
use crate::harness::{Output, Test};
use crate::layout::check;
use crate::registry::Front;
use crate::servers::http::{Reply, Request};
use crate::servers::registry::{Instead, Options, Registry};
use crate::tiny::tiny;

/// The tests' own registry with `a/tiny:v1`, and TLS before it; `None` where OpenSSL is missing.
fn behind() -> Option<(Registry, Front, Output)> {
    let registry = Registry::start(Options {
        absolute_locations: true,
        ..Options::default()
    });
    let front = Front::start(&registry.address())?;
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    let to = format!("{}/a/tiny:v1", front.address());
    spoken(&front, built.then().args(["push", "-q", "pushed", &to])).run();
    registry.record.clear();
    Some((registry, front, built))
}

/// The command, which believes the certificate.
fn spoken(front: &Front, test: Test) -> Test {
    test.args(["--ca-file", front.authority().to_str().unwrap()])
}

fn pull(front: &Front, built: &Output) -> Test {
    let from = format!("{}/a/tiny:v1", front.address());
    spoken(front, built.then().args(["pull", "-q", &from, "-o", "out"]))
}

/// Answers only to whom it gave a token, and gives one to bob alone. It names its token server by `realm`, in which
/// `SELF` stands for what it is called.
fn with_tokens(realm: &'static str) -> Instead {
    let known = format!("Basic {}", BASE64_STANDARD.encode(format!("bob:{SECRET}")));
    Instead::of(move |request: &Request| {
        let shown = request.headers.get("Authorization");
        if request.path() == "/service/token" {
            let is_known = shown == Some(known.as_str());
            return Some(if is_known {
                Reply::json(200, &json!({"token": "token-1"}))
            } else {
                Reply::new(401)
            });
        }
        let realm = realm.replace("SELF", request.headers.get("Host").unwrap_or_default());
        let challenge = format!("Bearer realm=\"{realm}/service/token\",service=\"s\"");
        let refusal = || Reply::error(401, "UNAUTHORIZED", "who are you?").header("WWW-Authenticate", challenge);
        (shown != Some("Bearer token-1")).then(refusal)
    })
}

#[test]
fn a_token_server_that_is_the_registry_itself_is_spoken_to_as_before() {
    let Some((registry, front, built)) = behind() else {
        return;
    };
    registry.change(|options| options.instead = with_tokens("http://SELF"));
    let known = auths(&front.address(), &entry("bob", SECRET));
    let pulled = pull(&front, &built).file(DOCKER, known).run();
    check_secrets(&pulled);
    check(&built.dir().join("out"));
}

/// Another host would be told the password where all on the way can hear it.
#[test]
fn a_token_server_without_tls_is_not_shown_the_password() {
    let Some((registry, front, built)) = behind() else {
        return;
    };
    let listening = Registry::start(Options::default());
    listening.change(|options| options.instead = with_tokens("http://SELF"));
    let realm: &'static str = Box::leak(format!("http://{}", listening.address()).into_boxed_str());
    registry.change(|options| options.instead = with_tokens(realm));
    let known = auths(&front.address(), &entry("bob", SECRET));
    let push = format!("{}/b/tiny:v1", front.address());
    let push = spoken(&front, built.then().args(["push", "-q", "pushed", &push]));
    for command in [pull(&front, &built), push] {
        let mut failed = command.file(DOCKER, &known).status(5).stdout("").run();
        // Which layer is the first to be asked for is chance.
        let (_, said) = failed.stderr.split_once(&front.address()).unwrap();
        failed.stderr = format!("error: HOST{said}");
        check_said(
            &failed,
            &front.address(),
            str![[r#"
error: HOST asks for its password to be sent to 127.0.0.1:[..], which is not spoken to by TLS
  = help: whoever runs HOST has to name its token server by `https`: all on the way would see the password

"#]],
        );
        assert_eq!(listening.record.schemes(), Vec::<String>::new());
    }
}

/// A redirect to itself, as one that has moved the repository or wants another spelling of the path.
#[test]
fn a_registry_that_sends_to_itself_is_spoken_to_as_before() {
    let Some((registry, front, built)) = behind() else {
        return;
    };
    registry.change(|options| {
        options.instead = Instead::of(|request| {
            let moved = request.target.strip_prefix("/v2/a/tiny/blobs/")?;
            let host = request.headers.get("Host")?;
            let there = format!("http://{host}/v2/a/tiny/blobs/{moved}?again");
            (!request.target.contains("again")).then(|| Reply::new(307).header("Location", there))
        });
    });
    pull(&front, &built).run();
    check(&built.dir().join("out"));
}

/// The tags, one a page, each page with a link to the next one at `next`, in which `SELF` stands for what the registry is
/// called.
fn one_a_page(registry: &Registry, next: &'static str) {
    registry.change(|options| {
        options.instead = Instead::of(move |request| {
            let page: usize = match request.target.strip_prefix("/v2/a/tiny/tags/list")? {
                "" => 1,
                rest => rest.strip_prefix("?page=")?.parse().ok()?,
            };
            let next = next.replace("SELF", request.headers.get("Host")?);
            let reply = Reply::json(200, &json!({"name": "a/tiny", "tags": [format!("v{page}")]}));
            let (before, behind) = (page.saturating_sub(1), page + 1);
            let links =
                format!("</v2/a/tiny/tags/list?page={before}>; rel=\"prev\", <{next}?page={behind}>; rel=\"next\"");
            Some(if page < 3 { reply.header("Link", links) } else { reply })
        });
    });
}

#[test]
fn a_list_goes_on_where_the_registry_names_itself_by_http() {
    let Some((registry, front, built)) = behind() else {
        return;
    };
    for tag in ["v2", "v3"] {
        let to = format!("{}/a/tiny:{tag}", front.address());
        spoken(&front, built.then().args(["push", "-q", "pushed", &to])).run();
    }
    let list = || {
        let repository = format!("docker://{}/a/tiny", front.address());
        spoken(&front, built.then().args(["ls", &repository]))
    };
    for next in ["/v2/a/tiny/tags/list", "http://SELF/v2/a/tiny/tags/list"] {
        one_a_page(&registry, next);
        let listed = list().run();
        for tag in ["v1", "v2", "v3"] {
            assert!(listed.text().contains(tag), "{next}\n{}", listed.text());
        }
    }
    // Elsewhere we are nobody, and half a list is none.
    one_a_page(&registry, "https://elsewhere.example/v2/a/tiny/tags/list");
    let failed = list().status(5).stdout("").run();
    check_said(
        &failed,
        &front.address(),
        str![[r#"
error: HOST does not answer as a registry does: listing the tags of a/tiny: its list goes on at `https://elsewhere.example`
  = help: check that HOST is a registry, and that nothing before it changes its answers

"#]],
    );
}
