//! A registry that is away for a while, or what stands before it: what it has of a layer is not lost by that.

use super::{CHUNK, Line, SIZE};
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Access, Options, TokenService};
use crate::serving::noise;

/// Whatever stands before it refuses the second chunk, and to say what became of it.
const AWAY: [&str; 2] = [
    "PATCH */uploads/* skip=1 always status=503",
    "GET */uploads/* always status=503",
];

#[test]
fn a_run_waits_until_the_registry_is_back() {
    let line = Line::in_chunks(Options::default());
    line.spoil(&[
        "PATCH */uploads/* skip=1 status=503",
        "GET */uploads/* times=2 status=503",
    ]);
    let output = line.push().args(["--retries=2"]).run();
    assert!(output.stderr.contains("goes on at 1.05 MB"), "{}", output.stderr);
    line.assert_arrived();
    line.assert_sent(SIZE, CHUNK);
}

/// Not even where it would begin another upload: 40 GB are more than a run.
#[test]
fn the_next_run_goes_on_where_the_registry_is_back_later() {
    let away = |end: &str| AWAY.map(|rule| rule.replace("status=503", end));
    for end in ["status=503", "status=429:100000", "status=502"] {
        let line = Line::in_chunks(Options::default());
        line.spoil(&away(end).each_ref().map(String::as_str));
        let output = line.push().args(["--retries=1", "-j1"]).status(5).run();
        assert!(!output.stderr.contains("begins anew"), "{}", output.stderr);
        line.spoil(&[]);
        let output = line.push().run();
        assert!(output.stderr.contains("goes on at 1.05 MB"), "{}", output.stderr);
        line.assert_arrived();
        // Each chunk that was refused may have been heard.
        line.assert_sent(SIZE, 2 * CHUNK);
    }
}

/// Nor where the run that comes in between cannot ask for it, nor begin another one, nor go on with that.
#[test]
fn a_note_outlives_a_run_that_gets_nowhere() {
    for rules in [
        &["GET */uploads/* always status=503", "POST */uploads/ always status=503"][..],
        &["GET */uploads/* always status=404", "POST */uploads/ always status=403"],
        &[
            "PATCH */uploads/* always status=403",
            "POST */uploads/ always status=503",
        ],
    ] {
        let line = Line::in_chunks(Options::default());
        line.spoil(&AWAY);
        line.push().args(["--retries=0", "-j1"]).status(5).run();
        line.spoil(rules);
        line.push().args(["--retries=0", "-j1"]).status(5).run();
        line.spoil(&[]);
        let output = line.push().run();
        assert!(output.stderr.contains("goes on at 1.05 MB"), "{}", output.stderr);
        line.assert_arrived();
    }
}

/// All of it is there, and only its end is refused.
#[test]
fn what_was_sent_outlives_a_refusal_of_its_end() {
    for status in [400, 413, 503] {
        let line = Line::in_chunks(Options::default());
        line.spoil(&[&format!("PUT */uploads/* always status={status}")]);
        line.push().args(["--retries=0", "-j1"]).status(5).run();
        line.spoil(&[]);
        let output = line.push().run();
        assert!(output.stderr.contains("goes on at 3.00 MB"), "{}", output.stderr);
        line.assert_arrived();
        assert_eq!(line.sent(), SIZE, "{}", line.proxy.record.lines());
    }
}

/// What a token server has against us says nothing of the upload.
#[test]
fn a_token_server_that_is_away_costs_no_upload() {
    for (fault, said) in [
        ("status=503", "asking for a token"),
        ("status=200", "asking for a token"),
        ("status=401", "gives no token for"),
        ("status=403", "gives no token for"),
    ] {
        let service = TokenService::start("bob", "hunter2");
        let realm = service.realm();
        let (address, path) = realm.trim_start_matches("http://").split_once('/').unwrap();
        let before = Proxy::start(address, []);
        let line = Line::in_chunks(Options {
            access: Access::Bearer {
                realm: format!("http://{}/{path}", before.address()),
                tokens: service.tokens.clone(),
            },
            ..Options::default()
        });
        let one = line.built.then().file("one/Modelfile", "NAME one\nMODEL weights.bin\n");
        let one = one.file("one/weights.bin", noise(3_000_000));
        one.args(["build", "one", "-q", "-o", "one.layout"]).run();
        let push = || {
            let push = line.built.then().cached().args(["push", "one.layout", &line.model()]);
            let push = push.args(["--retries=1", "-j1", "--username=bob", "--password-stdin"]);
            push.stdin("hunter2")
        };
        // It asks for the layer, begins it and sends a chunk with the first one; the next one is wanted for the status.
        service.tokens.live(60, 3);
        before.change([format!("* * skip=1 always {fault}").parse().unwrap()]);
        line.spoil(&["PATCH */uploads/* skip=1 status=503"]);
        let failed = push().status(5).run();
        assert!(failed.stderr.contains(said), "{}", failed.stderr);
        assert!(!failed.stderr.contains("begins anew"), "{}", failed.stderr);
        before.change([]);
        service.tokens.live(60, 1000);
        let output = push().run();
        assert!(output.stderr.contains("goes on at 1.05 MB"), "{}", output.stderr);
    }
}
