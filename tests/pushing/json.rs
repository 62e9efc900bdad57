//! What a machine is told of a push.

use serde_json::Value;
use snapbox::{IntoData, assert_data_eq, str};

use super::{CHUNK, Line, SIZE};
use crate::harness::Test;
use crate::servers::registry::{Options, Sessions, Uploads};
use crate::telling::events;

/// All that `push` says; the layers go one after the other.
#[track_caller]
fn check(line: &Line, push: Test, expected: impl IntoData) {
    let output = push.args(["-j1", "--progress", "json"]).run();
    assert_data_eq!(
        events(&output.stderr, &line.proxy.address(), "weights.bin"),
        expected.into_data()
    );
}

#[test]
fn an_upload_that_goes_on() {
    let line = Line::in_chunks(Options::default());
    line.spoil(&["PATCH */uploads/* skip=1 cut-up=500000"]);
    check(
        &line,
        line.push(),
        str![[r#"
{"blobs":2,"bytes":3000007,"event":"begin"}
{"event":"started","path":"weights.bin","size":3000000}
{"doing":"sending `weights.bin`","event":"retry","host":"HOST","mirror":false,"path":"weights.bin","seconds":"[TIME]","why":"[CHANCE]"}
{"bytes":1548576,"doing":"sending `weights.bin`","event":"resumed","host":"HOST","path":"weights.bin"}
{"digest":"sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8","event":"hashed","path":"weights.bin","size":3000000}
{"event":"stored","outcome":"written","output":"HOST/some/model","path":"weights.bin","size":3000000}
{"event":"publishing"}
{"digest":"sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9","event":"done","seconds":"[TIME]","upToDate":false}

"#]],
    );
}

#[test]
fn an_upload_that_begins_anew() {
    let line = Line::in_chunks(Options {
        sessions: Sessions::DropBroken,
        ..Options::default()
    });
    line.spoil(&["PATCH */uploads/* skip=1 cut-up=500000"]);
    check(
        &line,
        line.push(),
        str![[r#"
{"blobs":2,"bytes":3000007,"event":"begin"}
{"event":"started","path":"weights.bin","size":3000000}
{"doing":"sending `weights.bin`","event":"retry","host":"HOST","mirror":false,"path":"weights.bin","seconds":"[TIME]","why":"[CHANCE]"}
{"bytes":"[CHANCE]","doing":"sending `weights.bin`","event":"restarted","host":"HOST","path":"weights.bin"}
{"digest":"sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8","event":"hashed","path":"weights.bin","size":3000000}
{"event":"stored","outcome":"written","output":"HOST/some/model","path":"weights.bin","size":3000000}
{"event":"publishing"}
{"digest":"sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9","event":"done","seconds":"[TIME]","upToDate":false}

"#]],
    );
}

/// A layer is named whatever is asked about it, and nothing else is.
#[test]
fn what_is_asked_again_names_its_layer() {
    let line = Line::new(Options::default());
    line.spoil(&[
        "HEAD */blobs/* status=429:0",
        "POST */uploads/ status=503:0",
        "PUT */manifests/* status=503:0",
    ]);
    check(
        &line,
        line.push(),
        str![[r#"
{"blobs":2,"bytes":3000007,"event":"begin"}
{"doing":"looking for sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8","event":"retry","host":"HOST","mirror":false,"path":"weights.bin","seconds":"[TIME]","why":"status 429"}
{"event":"started","path":"weights.bin","size":3000000}
{"doing":"sending `weights.bin`","event":"retry","host":"HOST","mirror":false,"path":"weights.bin","seconds":"[TIME]","why":"status 503"}
{"digest":"sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8","event":"hashed","path":"weights.bin","size":3000000}
{"event":"stored","outcome":"written","output":"HOST/some/model","path":"weights.bin","size":3000000}
{"event":"publishing"}
{"doing":"storing the manifest `some/model:v1`","event":"retry","host":"HOST","mirror":false,"path":null,"seconds":"[TIME]","why":"status 503"}
{"digest":"sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9","event":"done","seconds":"[TIME]","upToDate":false}

"#]],
    );
}

/// What is lost is not done, though it was read.
#[test]
fn the_numbers_of_what_is_sent_again_go_back() {
    let line = Line::in_chunks(Options {
        sessions: Sessions::DropBroken,
        ..Options::default()
    });
    line.spoil(&[
        "PATCH */uploads/* skip=2 cut-up=500000",
        "PATCH */uploads/* skip=3 always rate-up=1500000",
    ]);
    let output = line.push().args(["-j1", "--progress", "json"]).run();
    let events = output
        .stderr
        .lines()
        .map(|event| serde_json::from_str::<Value>(event).unwrap());
    let after = events.skip_while(|event| event["event"] != "restarted");
    let numbers: Vec<_> = after.filter(|event| event["event"] == "progress").collect();
    let done: Vec<_> = numbers.iter().map(|event| event["done"].as_u64().unwrap()).collect();
    assert!(
        done.first().is_some_and(|done| (1..SIZE).contains(done)),
        "{}",
        output.stderr
    );
    assert!(
        done.is_sorted() && numbers.iter().all(|event| event["total"] == SIZE + 7),
        "{}",
        output.stderr
    );
}

/// What an earlier push has sent is there at once, and went at no rate.
#[test]
fn what_is_there_counts_for_no_rate() {
    let line = Line::in_chunks(Options::default());
    line.spoil(&["PATCH */uploads/* skip=2 always status=503"]);
    line.push().args(["-q", "--retries=0"]).status(5).run();
    line.spoil(&["PATCH */uploads/* always rate-up=300000"]);
    let output = line.push().args(["-j1", "--progress", "json"]).run();
    let events = output.stderr.lines().map(|event| serde_json::from_str(event).unwrap());
    let numbers: Vec<Value> = events
        .filter(|event: &Value| event["event"] == "progress")
        // One may be due before the layer is begun.
        .skip_while(|event| event["done"] == 0)
        .collect();
    assert!(!numbers.is_empty(), "{}", output.stderr);
    for event in numbers {
        assert!(event["done"].as_u64() >= Some(2 * CHUNK), "{event}");
        assert!(event["rate"].as_u64() < Some(3_000_000), "{event}");
    }
}

#[test]
fn what_is_mounted_and_what_is_there() {
    let line = Line::new(Options::default());
    line.push().run();
    let to = format!("{}/other/model:v1", line.proxy.address());
    let push = || {
        line.built
            .then()
            .args(["push", "layout", &to, "--mount-from", "some/model"])
    };
    check(
        &line,
        push(),
        str![[r#"
{"blobs":2,"bytes":3000007,"event":"begin"}
{"event":"stored","from":"some/model","outcome":"mounted","output":"HOST/other/model","path":"weights.bin","size":3000000}
{"event":"publishing"}
{"digest":"sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9","event":"done","seconds":"[TIME]","upToDate":false}

"#]],
    );
    check(
        &line,
        push(),
        str![[r#"
{"blobs":2,"bytes":3000007,"event":"begin"}
{"event":"stored","outcome":"present","output":"HOST/other/model","path":"weights.bin","size":3000000}
{"event":"publishing"}
{"digest":"sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9","event":"done","seconds":"[TIME]","upToDate":true}

"#]],
    );
}

#[test]
fn a_sibling_that_gives_nothing() {
    let line = Line::new(Options::default());
    check(
        &line,
        line.push().args(["--mount-from", "nobody/here"]),
        str![[r#"
{"blobs":2,"bytes":3000007,"event":"begin"}
{"event":"started","path":"weights.bin","size":3000000}
{"digest":"sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8","event":"hashed","path":"weights.bin","size":3000000}
{"event":"stored","outcome":"written","output":"HOST/some/model","path":"weights.bin","size":3000000}
{"event":"publishing"}
{"event":"unmounted","from":"nobody/here","host":"HOST","why":"the registry begins an upload instead"}
{"digest":"sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9","event":"done","seconds":"[TIME]","upToDate":false}

"#]],
    );
}

#[test]
fn a_registry_without_chunks() {
    let line = Line::in_chunks(Options {
        uploads: Uploads::OnePut,
        ..Options::default()
    });
    check(
        &line,
        line.push(),
        str![[r#"
{"blobs":2,"bytes":3000007,"event":"begin"}
{"event":"started","path":"weights.bin","size":3000000}
{"doing":"sending `weights.bin`","event":"singlePut","host":"HOST","path":"weights.bin","why":"status 400 UNSUPPORTED"}
{"digest":"sha256:ac64956bfb8b88d81f18a14627f9e7a1b5a9cdf2034344cbe78817d474154fb8","event":"hashed","path":"weights.bin","size":3000000}
{"event":"stored","outcome":"written","output":"HOST/some/model","path":"weights.bin","size":3000000}
{"event":"publishing"}
{"digest":"sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9","event":"done","seconds":"[TIME]","upToDate":false}

"#]],
    );
}

/// Several tags of one repository are one output.
#[test]
fn every_tag_of_a_push_is_named() {
    let line = Line::new(Options::default());
    let [first, second] = ["v1", "v2"].map(|tag| format!("{}/some/model:{tag}", line.proxy.address()));
    for args in [
        &["push", "layout", &first, &second][..],
        &["build", "model", "--push", "-t", &first, "-t", &second],
        &[
            "copy",
            "layout",
            &format!("docker://{first}"),
            &format!("docker://{second}"),
        ],
    ] {
        let output = line.built.then().args(args).args(["--format", "json"]).run();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let outputs = document["outputs"].as_array().unwrap();
        let [output] = &outputs[..] else { panic!("{document:#}") };
        assert_eq!(output["reference"], *first, "{args:?}");
        assert_eq!(output["references"], serde_json::json!([first, second]), "{args:?}");
    }
}
