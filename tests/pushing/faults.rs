//! What goes wrong on the way and passes: the layer is there in the end, and no byte was sent that need not be.

use std::time::{Duration, Instant};

use snapbox::{IntoData, str};

use super::{CHUNK, Line, SIZE};
use crate::servers::registry::{Access, Options, Sessions, TokenService};

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
