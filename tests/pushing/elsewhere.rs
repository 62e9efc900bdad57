//! A registry that has its uploads put at another host, by `Location`: the bytes get there, and nothing of who we are.

use std::collections::BTreeSet;

use serde_json::json;
use snapbox::str;

use super::{CHUNK, Line, SIZE, USER};
use crate::authorized::{DOCKER, SECRET, auths, basic, bearer, check_secrets, entry};
use crate::harness::Output;
use crate::registry::Front;
use crate::servers::registry::{Access, Options, Registry, TokenService};

/// All that the other host is told, by the names of the fields.
const TOLD: [&str; 6] = [
    "accept",
    "content-length",
    "content-range",
    "content-type",
    "host",
    "user-agent",
];

/// A line whose registry knows bob alone, as docker's file does.
fn guarded(access: Access) -> Line {
    let line = Line::in_chunks(Options {
        access,
        ..Options::default()
    });
    let known = auths(&line.proxy.address(), &entry("bob", SECRET));
    drop(line.built.then().file(DOCKER, known));
    line
}

/// The push came to what it should, the other host got so many bytes of the large layer, and no more than it has to know.
#[track_caller]
fn check(line: &Line, pushed: &Output, elsewhere: u64) {
    line.assert_arrived();
    let lines = line.proxy.redirected.lines();
    assert_eq!(line.sent(), SIZE, "{lines}");
    assert_eq!(
        line.proxy.redirected.received_of(&super::weights()).0,
        elsewhere,
        "{lines}"
    );
    check_secrets(pushed);
    let entries = line.proxy.redirected.entries();
    let fields = entries.iter().flat_map(|entry| entry.headers.iter());
    let told: BTreeSet<_> = fields.map(|(name, _)| name.to_lowercase()).collect();
    let more: Vec<_> = told.iter().filter(|name| !TOLD.contains(&name.as_str())).collect();
    assert_eq!(more, Vec::<&String>::new(), "{told:?}");
}

#[test]
fn who_we_are_stays_at_the_registry() {
    let tokens = TokenService::start("bob", SECRET);
    for (rule, elsewhere) in [
        ("POST */uploads/ always", SIZE),
        ("PATCH */uploads/*", SIZE - CHUNK),
        ("PATCH */uploads/* skip=1", SIZE - 2 * CHUNK),
        // All chunks have come: only the end of it is asked for there.
        ("PATCH */uploads/* skip=2", 0),
    ] {
        for access in [basic(), bearer(&tokens)] {
            let line = guarded(access);
            line.spoil(&[&format!("{rule} elsewhere cookie=session=1")]);
            check(&line, &line.push().run(), elsewhere);
            assert!(line.proxy.redirected.count("PUT") > 0, "{rule}");
            // The next one finds all of it.
            line.forget();
            line.push().run();
            assert_eq!(line.proxy.record.count("*"), line.proxy.record.count("HEAD"), "{rule}");
        }
    }
}

/// What is on the command line is for the registry that stands there.
#[test]
fn a_password_of_the_command_line_stays_at_the_registry() {
    let line = Line::in_chunks(Options {
        access: basic(),
        ..Options::default()
    });
    line.spoil(&["POST */uploads/ always elsewhere"]);
    let login = ["--username=bob", "--password-stdin"];
    let pushed = line.push().args(login).stdin(SECRET).run();
    check(&line, &pushed, SIZE);
}

/// A layer that goes in one request.
#[test]
fn one_request_goes_where_location_says() {
    let tokens = TokenService::start("bob", SECRET);
    let line = guarded(bearer(&tokens));
    let host = line.proxy.address();
    line.set(&format!("[registry.\"{host}\"]\nsingle-put = true\n"));
    line.spoil(&["POST */uploads/ always elsewhere"]);
    check(&line, &line.push().run(), SIZE);
}

/// The token has ended before the other host has all: what is left to say at the registry is said with another one.
#[test]
fn a_token_that_ends_meanwhile_is_replaced_for_the_registry_alone() {
    let tokens = TokenService::start("bob", SECRET);
    let line = guarded(bearer(&tokens));
    // The other host acts by the token that it was begun with, which is good for all that one layer needs.
    tokens.tokens.live(60, 7);
    line.spoil(&["PATCH */uploads/* skip=1 elsewhere"]);
    let pushed = line.push().args(["-j1"]).run();
    check(&line, &pushed, SIZE - 2 * CHUNK);
    assert!(tokens.record.count("*") > 1, "{}", line.proxy.record.lines());
}

/// Nobody logs in there: neither with what is known of the registry, nor with what is known of that host, nor at a token
/// server that it names.
#[test]
fn a_host_that_asks_who_we_are_is_not_told() {
    let tokens = TokenService::start("bob", SECRET);
    for access in [basic(), bearer(&tokens)] {
        let other = Registry::start(Options {
            access,
            ..Options::default()
        });
        let at = other.address();
        let run = |rule: &str, status: i32| {
            let line = guarded(basic());
            let host = line.proxy.address();
            let both = json!({"auths": {&host: entry("bob", SECRET), &at: entry("bob", SECRET)}});
            line.spoil(&[&format!("{rule} location=http://{at}/v2/other/blobs/uploads/1")]);
            let push = line.push().file(DOCKER, both.to_string()).args(["-j1"]);
            let mut output = push.status(status).run();
            check_secrets(&output);
            // How much had gone there before the refusal was seen is chance, and so is whether any of it is told.
            let said = output.stderr.lines().filter(|line| !line.contains("begins anew"));
            output.stderr = said.collect::<Vec<_>>().join("\n").replace(&at, "[ELSEWHERE]");
            (line, output)
        };
        let (line, failed) = run("POST */uploads/ always", 5);
        line.assert_said(&failed, str![[r#"
error: [ELSEWHERE] refused: sending `weights.bin`, for which [HOST] sends us there: status 401 UNAUTHORIZED: authentication required

"#]]);
        let (line, failed) = run("PATCH */uploads/* always", 5);
        line.assert_said(&failed, str![[r#"
error: [ELSEWHERE] refused: sending `weights.bin`, for which [HOST] sends us there: status 401 UNAUTHORIZED: authentication required

"#]]);
        // Where the next upload is not sent there, the layer arrives.
        let (line, pushed) = run("PATCH */uploads/* skip=1", 0);
        line.assert_said(
            &pushed,
            str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
        );
        line.assert_arrived();
        assert_eq!(other.record.schemes(), Vec::<String>::new());
        assert_eq!(tokens.record.count("*"), 0);
    }
}

/// Each of them asks for a certificate; the registry alone is shown one.
#[test]
fn a_certificate_of_ours_is_shown_to_the_registry_alone() {
    let line = Line::new(Options::default());
    let (Some(front), Some(other)) = (
        Front::start(&line.proxy.address()),
        Front::start(&line.proxy.elsewhere()),
    ) else {
        return;
    };
    let known = front.known();
    let both = [known.certificate, known.key].map(|path| fs_err::read_to_string(path).unwrap());
    let (host, at) = (front.address(), other.address());
    let trusted = other.authority().display().to_string();
    let settings =
        format!("[registry.\"{host}\"]\nchunk-size = {CHUNK}\n[registry.\"{at}\"]\nca-file = \"{trusted}\"\n");
    for rule in ["POST */uploads/ always", "PATCH */uploads/* skip=1"] {
        line.forget();
        line.spoil(&[&format!("{rule} elsewhere=https://{at}")]);
        let name = if rule.starts_with("POST") { "some" } else { "any" };
        let to = format!("{host}/{name}/model:v1");
        let push = line.built.then().file("both.pem", both.concat()).file(USER, &settings);
        push.args(["push", "layout", &to, "--client-cert=both.pem", "--ca-file"])
            .args([front.authority()])
            .run();
        assert_eq!(
            line.registry.tag(&format!("{name}/model"), "v1").as_deref(),
            Some(line.built.text())
        );
        assert_eq!(line.sent(), SIZE);
        assert!(line.proxy.redirected.received_of(&super::weights()).0 > 0);
    }
    assert_eq!((front.was_shown(), other.was_shown()), (true, false));
}
