//! Token servers that are busy or down: they are waited for as they ask, and asked by one request for all.

use std::time::Duration;

use snapbox::str;

use super::{SECRET, guarded, pull};
use crate::harness::redact_times;
use crate::layout::check;
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Access, Registry, TokenService};
use crate::tiny::assert_same_text;

/// Makes a registry name a token server that is spoiled as `rules` say.
fn spoiled(registry: &Registry, tokens: &TokenService, rules: &[&str]) -> Proxy {
    let realm = tokens.realm();
    let address = realm.trim_start_matches("http://").trim_end_matches("/token");
    let rules: Vec<Rule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let proxy = Proxy::start(address, rules);
    let access = Access::Bearer {
        realm: format!("http://{}/token", proxy.address()),
        tokens: tokens.tokens.clone(),
    };
    registry.change(|options| options.access = access);
    proxy
}

#[test]
fn one_that_is_busy_is_waited_for_as_long_as_it_asks() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(Access::Open);
    let proxy = spoiled(
        &registry,
        &tokens,
        &["GET /token status=429:1", "GET /token status=503:2"],
    );
    let host = registry.address();
    let pulled = pull(&built, &host).run();
    let said = pulled.stderr.replace(&host, "HOST").replace(&proxy.address(), "TOKENS");
    // To the last one it is no time of ours.
    let (told, done) = said.split_at(said.find("pulled").unwrap());
    assert_same_text(
        told.to_owned(),
        str![[r#"
TOKENS: asking for a token, for which HOST sends us there: status 429; again in 1.0 s
TOKENS: asking for a token, for which HOST sends us there: status 503; again in 2.0 s

"#]],
    );
    assert_same_text(
        redact_times(done),
        str![[r#"
pulled `HOST/a/tiny:v1` to `out` in [TIME]: 3 layers, 3.15 MB; 3 written

"#]],
    );
    check(&built.dir().join("out"));
    let asked = proxy.record.entries();
    let [first, second, third] = &asked[..] else {
        panic!("{}", proxy.record.lines())
    };
    assert!(second.at - first.at >= Duration::from_secs(1));
    assert!(third.at - second.at >= Duration::from_secs(2));
}

/// Four layers want a token at the same time. What one of them was told after all its attempts holds for all.
#[test]
fn one_that_is_down_is_not_tried_anew_by_each_who_waits() {
    let tokens = TokenService::start("bob", SECRET);
    let (registry, built) = guarded(Access::Open);
    let proxy = spoiled(&registry, &tokens, &["* /token always status=503"]);
    let to = format!("{}/b/tiny:v1", registry.address());
    let push = built.then().args(["push", "pushed", &to, "-j4", "--retries=2"]);
    let pushed = push.status(5).stdout("").run();
    let said = pushed.stderr.replace(&registry.address(), "HOST");
    assert_same_text(
        redact_times(&said.replace(&proxy.address(), "TOKENS")),
        str![[r#"
TOKENS: asking for a token, for which HOST sends us there: status 503; again in [TIME]
TOKENS: asking for a token, for which HOST sends us there: status 503; again in [TIME]
error: `[..]`: TOKENS refused: asking for a token, for which HOST sends us there: status 503
  = help: the same command goes on where this one ended

"#]],
    );
    assert_eq!(proxy.record.count("*"), 3, "{}", registry.record.lines());
    // The next command asks again.
    proxy.change([]);
    let login = ["--username=bob", "--password-stdin"];
    built
        .then()
        .args(["push", "pushed", &to])
        .args(login)
        .stdin(SECRET)
        .run();
}
