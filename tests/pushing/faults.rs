//! What goes wrong on the way, once or for good: the layer is there in the end, or one error says why not.

use std::time::{Duration, Instant};

use snapbox::{IntoData, str};

use super::{CHUNK, Line, SIZE};
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Access, Options, Sessions, TokenService};
use crate::serving::noise;

/// The rules spoil the push in chunks to a registry of `sessions`: so many bytes of the large layer are `sent`, and of
/// others at most so many that it is not willing to hear.
#[track_caller]
fn assert_arrives(sessions: Sessions, rules: &[&str], sent: u64, refused: u64, stderr: impl IntoData) {
    let line = Line::in_chunks(Options {
        sessions,
        ..Options::default()
    });
    line.spoil(rules);
    let output = line.push().run();
    line.assert_said(&output, stderr);
    line.assert_arrived();
    line.assert_sent(sent, refused);
}

/// What else may happen to a request, and how many bytes of the large layer are sent for nothing then at most.
#[test]
fn nothing_is_sent_more_often_than_it_must() {
    let rows: &[(&str, u64)] = &[
        ("POST */blobs/uploads/ redirect", 0),
        // Where it leads to the session goes on.
        ("PATCH */uploads/* redirect", CHUNK),
        ("PATCH */uploads/* skip=1 redirect", CHUNK),
        ("PATCH */uploads/* always redirect", CHUNK),
        ("PUT */uploads/* always redirect", 0),
        ("PUT */manifests/* redirect", 0),
        ("PATCH */uploads/* skip=1 status=416", CHUNK),
        ("PATCH */uploads/* skip=1 status=404", CHUNK),
        ("PATCH */uploads/* skip=2 status=425", SIZE - 2 * CHUNK),
        ("PUT */uploads/* status=404", 0),
        ("GET */uploads/* status=502", 0),
        // Where it is not there, it begins anew.
        ("PATCH */uploads/* skip=1 location=http://127.0.0.1:1/nobody", 2 * CHUNK),
        ("PATCH */uploads/* location=ftp://127.0.0.1/nobody", 0),
    ];
    let service = TokenService::start("bob", "hunter2");
    let basic = Access::Basic {
        user: "bob".to_owned(),
        password: "hunter2".to_owned(),
    };
    let bearer = Access::Bearer {
        realm: service.realm(),
        tokens: service.tokens.clone(),
    };
    let with = |access: Access| rows.iter().map(move |row| (access.clone(), row));
    // What is shown matters where somebody else might see it.
    let bearer = with(bearer).filter(|(_, (rule, _))| rule.contains("redirect"));
    for (access, (rule, lost)) in with(basic).chain(bearer) {
        let line = Line::in_chunks(Options {
            access,
            ..Options::default()
        });
        line.spoil(&[rule]);
        let limits = ["--username=bob", "--password-stdin", "--retries=2"];
        line.push().args(limits).stdin("hunter2").run();
        line.assert_arrived();
        line.assert_sent(SIZE, *lost);
        assert_eq!(line.proxy.redirected.schemes(), Vec::<String>::new(), "{rule}");
        assert_eq!(
            line.proxy.redirected.count("*") > 0,
            rule.contains("redirect"),
            "{rule}\n{}",
            line.proxy.record.lines()
        );
    }
}

/// A layer that takes one request goes elsewhere as a whole.
#[test]
fn one_request_follows_where_it_is_sent() {
    let line = Line::new(Options::default());
    line.spoil(&["PUT */uploads/* always redirect"]);
    line.push().run();
    line.assert_arrived();
    line.assert_sent(SIZE, SIZE);
}

/// It is the other host that fails, and nobody logs in there.
#[test]
fn a_host_that_the_registry_sends_us_to_is_named() {
    let line = Line::new(Options::default());
    line.spoil(&["POST */uploads/ always location=http://user:secret@127.0.0.1:1/u"]);
    let once = ["--retries", "1", "-j1"];
    let output = line.push().args(once).status(5).stdout("").run();
    line.assert_said(&output, str![[r#"
127.0.0.1:1: sending `weights.bin`, for which [HOST] sends us there: client error (Connect): tcp connect error: Connection refused (os error 111); again in [TIME]
error: 127.0.0.1:1 cannot be reached: sending `weights.bin`, for which [HOST] sends us there: client error (Connect): tcp connect error: Connection refused (os error 111)
  = help: check the name and the network; the same command goes on where this one ended

"#]]);

    let elsewhere = Proxy::start(
        &line.registry.address(),
        ["PUT /u* always status=403".parse::<Rule>().unwrap()],
    );
    line.spoil(&[&format!(
        "POST */uploads/ always location=http://{}/u",
        elsewhere.address()
    )]);
    let mut output = line.push().args(once).status(5).stdout("").run();
    output.stderr = output.stderr.replace(&elsewhere.address(), "[ELSEWHERE]");
    line.assert_said(
        &output,
        str![[r#"
error: [ELSEWHERE] refused: sending `weights.bin`, for which [HOST] sends us there: status 403

"#]],
    );
    // As one that hangs.
    let rule = "PUT /u* always delay=60000".parse::<Rule>().unwrap();
    elsewhere.change([rule]);
    let once = ["--retries=0", "--timeout=200ms", "-j1"];
    let mut output = line.push().args(once).status(5).stdout("").run();
    output.stderr = output.stderr.replace(&elsewhere.address(), "[ELSEWHERE]");
    line.assert_said(
        &output,
        str![[r#"
error: [ELSEWHERE] did not answer for [TIME]: sending `weights.bin`, for which [HOST] sends us there
  = help: check the name and the network; the same command goes on where this one ended

"#]],
    );
}

/// Its digest is not the one that was sent: somebody stored something else.
#[test]
fn a_manifest_that_is_stored_as_another_one_is_an_error() {
    let line = Line::new(Options::default());
    line.spoil(&[&format!("PUT */manifests/* always digest=sha256:{}", "0".repeat(64))]);
    let output = line.push().status(4).stdout("").run();
    line.assert_said(&output, str![[r#"
error: [HOST] sent damaged content: the manifest `some/model:v1` that was stored has the digest sha256:0000000000000000000000000000000000000000000000000000000000000000, not sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9
  = help: the registry, or something before it, changes bytes: nothing of it was kept

"#]]);
}

#[test]
fn a_host_that_nobody_reaches_is_told_once() {
    let line = Line::new(Options::default());
    let from = |host: &str| format!("FROM docker://{host}/a/base:v1\n");
    let test = line.built.then().file("derived/Modelfile", from("127.0.0.1:1"));
    test.args(["plan", "derived", "--retries=2"])
        .status(5)
        .stderr(str![[r#"
127.0.0.1:1: fetching the manifest `a/base:v1`: client error (Connect): tcp connect error: Connection refused (os error 111); again in [TIME]
error: cannot build from `docker://127.0.0.1:1/a/base:v1`
 --> derived/Modelfile:1:6
  |
1 | FROM docker://127.0.0.1:1/a/base:v1
  |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 127.0.0.1:1 cannot be reached: fetching the manifest `a/base:v1`: client error (Connect): tcp connect error: Connection refused (os error 111)
  |
  = help: check the name and the network


"#]])
        .run();
    let to = [
        "build",
        "model",
        "-q",
        "--push",
        "-t",
        "127.0.0.1:1/a/b:v1",
        "--retries=2",
    ];
    line.built.then().args(to).status(5).stderr(str![[r#"
error: 127.0.0.1:1 cannot be reached: fetching the manifest `a/b:v1`: client error (Connect): tcp connect error: Connection refused (os error 111)
  = help: check the name and the network; the same command goes on where this one ended

"#]]).run();
    let to = ["push", "layout", "127.0.0.1:1/a/b:v1", "--retries=2", "-j1"];
    line.built.then().args(to).status(5).stderr(str![[r#"
127.0.0.1:1: looking for sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8: client error (Connect): tcp connect error: Connection refused (os error 111); again in [TIME]
error: `weights.bin`: 127.0.0.1:1 cannot be reached: looking for sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8: client error (Connect): tcp connect error: Connection refused (os error 111)
  = help: check the name and the network; the same command goes on where this one ended

"#]]).run();
}

/// The first request of each kind fails with what may pass: each status at each place.
#[test]
fn what_may_pass_is_tried_again() {
    for status in [408, 429, 500, 502, 503, 504] {
        let places = [
            "HEAD */blobs/*",
            "POST */blobs/uploads/",
            "PATCH */uploads/*",
            "PUT */uploads/*",
            "HEAD */manifests/*",
            "PUT */manifests/*",
        ];
        let line = Line::in_chunks(Options::default());
        let rules = places.map(|place| format!("{place} status={status}"));
        line.spoil(&rules.each_ref().map(String::as_str));
        let output = line.push().args(["-j1"]).run();
        let said = output.stderr.matches(&format!(": status {status}; again in ")).count();
        assert_eq!(said, places.len(), "{}", output.stderr);
        line.assert_arrived();
        line.assert_sent(SIZE, CHUNK);
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
        CHUNK,
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
        0,
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
        0,
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
        0,
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
        0,
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
        0,
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
        0,
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
        0,
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
    // It is not much that was lost.
    assert!(!output.stderr.contains("begins anew"), "{}", output.stderr);
    assert_eq!(line.sent(), 500_000 + SIZE);
}

#[test]
fn a_slow_line_is_no_fault() {
    let rules = ["PATCH */uploads/* always rate-up=5000000", "* * always delay=20"];
    assert_arrives(
        Sessions::Keep,
        &rules,
        SIZE,
        0,
        str![[r#"
pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    let rules = ["PATCH */uploads/* skip=1 stall-up=300000:1500"];
    assert_arrives(
        Sessions::Keep,
        &rules,
        SIZE,
        0,
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
        CHUNK,
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
        0,
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
  = help: it does not say where to go instead, or that is not safe to follow: name the host that is meant

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
        line.assert_sent(0, if rule.starts_with("PATCH") { CHUNK } else { 0 });
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
        line.forget();
        let to = format!("{}/some/model{requests}:v1", line.proxy.address());
        let push = line.built.then().args(["push", "one.layout", &to, "-j1"]);
        push.run();
        let name = format!("some/model{requests}");
        assert_eq!(line.registry.tag(&name, "v1").as_deref(), Some(built.text()));
        // Who does not know that a token has ended sends a chunk for nothing.
        let mut refused = line.proxy.record.of("PATCH");
        refused.retain(|entry| entry.status() == 401);
        line.assert_sent(SIZE, CHUNK * refused.len() as u64);
    }
}

/// Each of several at a time may find its token used up, and the next one that somebody else got.
#[test]
fn tokens_are_replaced_for_all_that_go_at_the_same_time() {
    let service = TokenService::start("bob", "hunter2");
    let line = Line::new(Options {
        access: Access::Bearer {
            realm: service.realm(),
            tokens: service.tokens.clone(),
        },
        ..Options::default()
    });
    let mut built = line.built.then().file("many/Modelfile", "NAME many\nMODEL *.bin\n");
    for index in 0..12 {
        built = built.file(format!("many/{index}.bin"), noise(100_000 + index));
    }
    let built = built.args(["build", "many", "-q", "-o", "many.layout"]).run();
    // Three requests a layer: however they fall, none of them can be the one that finds three tokens used up.
    service.tokens.live(60, 15);
    let to = format!("{}/some/many:v1", line.proxy.address());
    let push = line.built.then().args(["push", "many.layout", &to, "-j8"]);
    push.args(["--username=bob", "--password-stdin"]).stdin("hunter2").run();
    assert_eq!(line.registry.tag("some/many", "v1").as_deref(), Some(built.text()));
}
