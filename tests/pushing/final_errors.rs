//! What does not pass: one error says who did not do what, and what to do.

use snapbox::str;

use super::{CHUNK, Line};
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::Options;

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
