//! What goes wrong on the way, once or for good: the layer is there in the end, or one error says why not.

use std::time::{Duration, Instant};

use snapbox::{IntoData, str};

use super::{CHUNK, Line, SIZE};
use crate::servers::registry::{Access, Options, Sessions, TokenService};
use crate::serving::noise;

/// The rules spoil the push in chunks to a registry of `sessions`, which is `sent` so many bytes of the large layer.
#[track_caller]
fn assert_arrives(sessions: Sessions, rules: &[&str], sent: u64, stderr: impl IntoData) {
    let line = Line::in_chunks(Options {
        sessions,
        ..Options::default()
    });
    line.spoil(rules);
    let output = line.push().run();
    line.assert_said(&output, stderr);
    line.assert_arrived();
    assert_eq!(line.sent(), sent, "{}", line.proxy.record.lines());
}

/// The first request of each kind fails with what may pass.
#[test]
fn what_may_pass_is_tried_again() {
    for status in [408_usize, 429, 500, 502, 503, 504] {
        for place in [
            "HEAD */blobs/*".to_owned(),
            "POST */blobs/uploads/".to_owned(),
            format!("PATCH */uploads/* skip={}", status % 3),
            "PUT */uploads/*".to_owned(),
            "HEAD */manifests/*".to_owned(),
            "PUT */manifests/*".to_owned(),
        ]
        .iter()
        .skip(status % 6)
        .step_by(3)
        {
            let line = Line::in_chunks(Options::default());
            line.spoil(&[&format!("{place} status={status}")]);
            let output = line.push().run();
            assert!(
                output.stderr.contains(&format!(": status {status}; again in ")),
                "{place}: {}",
                output.stderr
            );
            line.assert_arrived();
            assert_eq!(line.sent(), SIZE, "{place} {status}\n{}", line.proxy.record.lines());
        }
    }
}

#[test]
fn a_registry_is_waited_for_as_long_as_it_asks() {
    let begin = Instant::now();
    let rules = [
        "PATCH */uploads/* skip=1 status=429:2",
        "PUT */manifests/* status=503:1",
    ];
    assert_arrives(
        Sessions::Keep,
        &rules,
        SIZE,
        str![[r#"
[HOST]: sending `weights.bin`: status 429; again in [TIME]
[HOST]: sending `weights.bin`: goes on at 1.05 MB
[HOST]: storing the manifest `some/model:v1`: status 503; again in [TIME]
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    assert!(begin.elapsed() >= Duration::from_secs(3));
}

#[test]
fn a_broken_chunk_goes_on_where_the_registry_stands() {
    assert_arrives(
        Sessions::Keep,
        &["PATCH */uploads/* skip=1 cut-up=500000"],
        SIZE,
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: goes on at 1.55 MB
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    assert_arrives(
        Sessions::Keep,
        &["PATCH */uploads/* skip=1 reset-up=500000"],
        SIZE,
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: goes on at 1.55 MB
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    assert_arrives(
        Sessions::Keep,
        &["PATCH */uploads/* skip=1 cut-up=0"],
        SIZE,
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: goes on at 1.05 MB
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    // One byte cannot be told from none.
    assert_arrives(
        Sessions::Keep,
        &["PATCH */uploads/* cut-up=1"],
        SIZE + 1,
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: begins anew, for the registry has lost [..]
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
}

#[test]
fn what_a_registry_has_lost_is_sent_again_and_that_is_said() {
    let rule = ["PATCH */uploads/* skip=1 cut-up=500000"];
    let lost = CHUNK + 500_000;
    assert_arrives(
        Sessions::DropBroken,
        &rule,
        lost + SIZE,
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: begins anew, for the registry has lost [..]
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    assert_arrives(
        Sessions::LoseAll,
        &rule,
        lost + SIZE,
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: begins anew, for the registry has lost [..]
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    assert_arrives(
        Sessions::Truncate(700_000),
        &rule,
        lost + SIZE - 700_000,
        str![[r#"
[HOST]: sending `weights.bin`: client error (SendRequest): [CHANCE]; again in [TIME]
[HOST]: sending `weights.bin`: goes on at 700 kB
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
}

#[test]
fn an_answer_that_is_lost_is_no_reason_to_send_again() {
    for rule in [
        "POST */blobs/uploads/ lose-answer",
        "PATCH */uploads/* lose-answer",
        "PATCH */uploads/* skip=2 lose-answer",
        "PUT */uploads/* lose-answer",
        "PUT */uploads/* skip=1 lose-answer",
        "PUT */manifests/* lose-answer",
    ] {
        let line = Line::in_chunks(Options::default());
        line.spoil(&[rule]);
        line.push().run();
        line.assert_arrived();
        assert_eq!(line.sent(), SIZE, "{rule}\n{}", line.proxy.record.lines());
    }
}

#[test]
fn one_request_that_breaks_is_made_again() {
    let line = Line::new(Options::default());
    line.spoil(&["PUT */uploads/* cut-up=500000"]);
    let output = line.push().args(["-j1"]).run();
    line.assert_arrived();
    assert!(output.stderr.contains("begins anew"), "{}", output.stderr);
    assert_eq!(line.sent(), 500_000 + SIZE);
}

#[test]
fn a_slow_line_is_no_fault() {
    let rules = ["PATCH */uploads/* always rate-up=5000000", "* * always delay=20"];
    assert_arrives(
        Sessions::Keep,
        &rules,
        SIZE,
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    let rules = ["PATCH */uploads/* skip=1 stall-up=300000:1500"];
    assert_arrives(
        Sessions::Keep,
        &rules,
        SIZE,
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
}

#[test]
fn a_wrong_location_leads_back_to_the_beginning() {
    let rules = ["PATCH */uploads/* location=/v2/some/model/blobs/uploads/0"];
    assert_arrives(
        Sessions::Keep,
        &rules,
        CHUNK + SIZE,
        str![[r#"
[HOST]: sending `weights.bin`: status 404; again in [TIME]
[HOST]: sending `weights.bin`: begins anew, for the registry has lost [..]
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
}

#[test]
fn a_digest_that_is_only_said_to_be_wrong_of_a_layer_does_no_harm() {
    assert_arrives(
        Sessions::Keep,
        &["PUT */uploads/* digest=sha256:0"],
        SIZE,
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
}

#[test]
fn a_byte_that_changed_on_the_way_is_found_by_the_registry() {
    let line = Line::in_chunks(Options::default());
    line.spoil(&["PATCH */uploads/* always flip-up=77"]);
    let output = line.push().status(5).stdout("").run();
    line.assert_said(&output, str![[r#"
error: [HOST] refused: sending `weights.bin`: status 400 DIGEST_INVALID: provided digest did not match uploaded content: sha256:2c2d25d16692efc2d0ead3bdca81619b5dcad1bda9c09959ce6a04b70bb6a6ec
  = help: something between here and the registry changes bytes: try again, or another way there

"#]]);
}

#[test]
fn what_fails_for_good_is_one_error() {
    for (rule, stderr) in [
        (
            "POST */blobs/uploads/ always status=404",
            str![[r#"
error: [HOST] refused: sending `weights.bin`: status 404

"#]],
        ),
        (
            "PATCH */uploads/* always status=403",
            str![[r#"
error: [HOST] denied access: sending `weights.bin`: status 403
  = help: log in with `modelbuild login [HOST]`

"#]],
        ),
        (
            "PATCH */uploads/* always status=307",
            str![[r#"
error: [HOST] refused: sending `weights.bin`: status 307

"#]],
        ),
        (
            "HEAD */blobs/* always status=401",
            str![[r#"
error: `weights.bin`: [HOST] denied access: looking for sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8: status 401
  = help: log in with `modelbuild login [HOST]`

"#]],
        ),
        (
            "POST */blobs/uploads/ always status=429:100000",
            str![[r#"
error: [HOST] refused: sending `weights.bin`: status 429
  = help: it takes no more requests for now: wait, or use `-j 1`

"#]],
        ),
    ] {
        let line = Line::in_chunks(Options::default());
        line.spoil(&[rule]);
        let output = line.push().args(["-j1"]).status(5).stdout("").run();
        line.assert_said(&output, stderr);
        assert_eq!(line.sent(), 0, "{rule}");
    }
}

#[test]
fn a_token_that_ends_in_the_middle_is_replaced() {
    let service = TokenService::start("bob", "hunter2");
    let line = Line::in_chunks(Options {
        access: Access::Bearer {
            realm: service.realm(),
            tokens: service.tokens.clone(),
        },
        ..Options::default()
    });
    let login = r#"{"auths": {"HOST": {"username": "bob", "password": "hunter2"}}}"#;
    let login = login.replace("HOST", &line.proxy.address());
    drop(line.built.then().file("../home/.docker/config.json", login));
    // One layer, so that nobody else uses up its tokens.
    let built = line.built.then().file("one/Modelfile", "NAME one\nMODEL weights.bin\n");
    let built = built.file("one/weights.bin", noise(3_000_000));
    let built = built.args(["build", "one", "-q", "-o", "one.layout"]).run();
    for requests in [1, 2, 3, 5] {
        service.tokens.live(60, requests);
        line.registry.forget();
        let to = format!("{}/some/model{requests}:v1", line.proxy.address());
        let push = line.built.then().args(["push", "one.layout", &to, "-j1"]);
        push.run();
        let name = format!("some/model{requests}");
        assert_eq!(line.registry.tag(&name, "v1").as_deref(), Some(built.text()));
        // A chunk that is refused at its end has come for nothing.
        assert!(line.sent() <= SIZE, "{requests}\n{}", line.registry.record.lines());
    }
}
