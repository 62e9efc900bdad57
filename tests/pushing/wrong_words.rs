//! Registries whose word is wrong: of a session, of a blob, of what was stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use snapbox::str;

use super::{CHUNK, Line, SIZE};
use crate::authorized::{SECRET, basic};
use crate::harness::sha256;
use crate::servers::http::Reply;
use crate::servers::proxy::Proxy;
use crate::servers::registry::{Instead, Options};

/// A push that has ended in the middle of the large layer, of which two chunks are there.
fn broken() -> Line {
    let line = Line::in_chunks(Options::default());
    line.spoil(&["PATCH */uploads/* skip=2 always status=400"]);
    line.push().args(["-j1"]).status(5).run();
    line.spoil(&[]);
    line
}

/// A note that leads nowhere is in nobody's way.
#[test]
fn a_session_that_is_not_ours_any_more_is_forgotten() {
    let lost = "has lost 2.10 MB";
    let unsaid = "does not say what it has of what an earlier run sent";
    for (status, why) in [(400, lost), (401, lost), (403, lost), (500, unsaid)] {
        let line = broken();
        line.spoil(&[&format!("GET */uploads/* always status={status}")]);
        let output = line.push().args(["--retries=0"]).run();
        line.assert_said(
            &output,
            format!(
                "[HOST]: sending `weights.bin`: begins anew, for the registry {why}\n\
                 pushed `layout` to `[HOST]/some/model:v1` in [TIME]: 2 layers, 3.00 MB; 2 written\n"
            ),
        );
        line.assert_arrived();
        line.assert_sent(2 * CHUNK + SIZE, CHUNK);
    }
}

/// Who has forgotten to log in is spared what was sent.
#[test]
fn a_session_outlives_a_missing_password() {
    let line = broken();
    line.registry.change(|options| options.access = basic());
    line.push().status(5).run();
    let push = line.push().args(["--username=bob", "--password-stdin"]).stdin(SECRET);
    let output = push.run();
    assert!(output.stderr.contains("goes on at 2.10 MB"), "{}", output.stderr);
    line.assert_arrived();
    line.assert_sent(SIZE, CHUNK);
}

/// It stands, and may not be written to: that is known by the first chunk.
#[test]
fn a_session_that_is_not_to_be_written_to_is_begun_anew_once() {
    let line = broken();
    line.spoil(&["PATCH */uploads/* status=403"]);
    line.push().run();
    line.assert_arrived();
    let line = broken();
    line.spoil(&["PATCH */uploads/* always status=403"]);
    let output = line.push().status(5).run();
    line.assert_said(
        &output,
        str![[r#"
[HOST]: sending `weights.bin`: goes on at 2.10 MB
[HOST]: sending `weights.bin`: begins anew, for the registry has lost [..] MB
error: [HOST] denied access: sending `weights.bin`: status 403
  = help: log in with `modelbuild login [HOST]`

"#]],
    );
    let lines = line.proxy.record.lines();
    assert_eq!(lines.matches("→ 403").count(), 2, "{lines}");
}

/// Another host, for which the address of an upload is good for a while only.
#[test]
fn a_refusal_at_another_host_costs_one_more_session() {
    for status in [401, 403] {
        let line = Line::new(Options::default());
        let rule = format!("PUT /u* always status={status}");
        let elsewhere = Proxy::start(&line.registry.address(), [rule.parse().unwrap()]);
        let to = format!("http://{}/u", elsewhere.address());
        line.spoil(&[&format!("POST */uploads/ always location={to}")]);
        line.push().args(["-j1"]).status(5).run();
        let sent = elsewhere.record.received();
        assert!(sent <= 2 * SIZE, "{sent}\n{}", elsewhere.record.lines());
        assert_eq!(elsewhere.record.count("PUT"), 2, "{}", elsewhere.record.lines());
    }
}

/// A registry that says of a session, once it has a megabyte, that it has `wrong` more bytes than it has.
fn says_more(line: &Line, wrong: i64) -> Arc<AtomicBool> {
    let (has, fails) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
    let failing = Arc::clone(&fails);
    line.registry.change(|options| {
        options.instead = Instead::of(move |request| {
            if request.method == "PATCH" {
                let range = request.headers.get("Content-Range").unwrap_or_default();
                let (start, end) = range.split_once('-').unwrap();
                if start != "0" && failing.swap(false, Ordering::Relaxed) {
                    return Some(Reply::new(503));
                }
                has.store(end.parse::<u64>().unwrap(), Ordering::Relaxed);
            }
            let is_status = request.method == "GET" && request.path().contains("/uploads/");
            is_status.then(|| {
                let last = has.load(Ordering::Relaxed).checked_add_signed(wrong).unwrap();
                let range = format!("0-{last}");
                Reply::new(204)
                    .header("Location", request.target.clone())
                    .header("Range", range)
            })
        });
    });
    fails
}

#[test]
fn a_status_that_the_registry_contradicts_itself_is_not_believed_again() {
    for wrong in [1, -1] {
        let line = Line::in_chunks(Options::default());
        says_more(&line, wrong);
        let output = line.push().args(["-j1"]).run();
        let said = output.stderr.lines().filter(|line| line.contains("weights")).count();
        assert!(output.stderr.contains("begins anew"), "{said}\n{}", output.stderr);
        line.assert_arrived();
        // The chunk that was refused, and the one at the wrong place.
        line.assert_sent(SIZE + CHUNK, 2 * CHUNK);
    }
}

/// What an earlier process was told counts as little.
#[test]
fn a_wrong_status_of_an_earlier_upload_is_no_trap() {
    let line = Line::in_chunks(Options::default());
    let fails = says_more(&line, 1);
    line.push().args(["-j1", "--retries=0"]).status(5).run();
    fails.store(false, Ordering::Relaxed);
    let output = line.push().args(["-j1", "--retries=0"]).run();
    assert!(output.stderr.contains("begins anew"), "{}", output.stderr);
    line.assert_arrived();
}

/// The last bytes that a killed process sent may come after the next one has asked where it stands.
#[test]
fn bytes_that_come_late_are_no_contradiction() {
    let line = Line::in_chunks(Options::default());
    line.spoil(&["PATCH */uploads/* skip=1 always status=503"]);
    line.push().args(["-j1", "--retries=0"]).status(5).run();
    line.spoil(&[]);
    let asked = AtomicU64::new(0);
    line.registry.change(|options| {
        options.instead = Instead::of(move |request| {
            let is_status = request.method == "GET" && request.path().contains("/uploads/");
            // The first time it had not all of the chunk that it has now.
            let is_early = is_status && asked.fetch_add(1, Ordering::Relaxed) == 0;
            is_early.then(|| {
                let reply = Reply::new(204).header("Location", request.target.clone());
                reply.header("Range", format!("0-{}", CHUNK - 1001))
            })
        });
    });
    let output = line.push().args(["-j1", "--retries=0"]).run();
    assert!(!output.stderr.contains("begins anew"), "{}", output.stderr);
    assert!(output.stderr.contains("goes on at 1.05 MB"), "{}", output.stderr);
    line.assert_arrived();
}

#[test]
fn numbers_that_no_blob_has_do_no_harm() {
    const MOST: &str = "18446744073709551615";
    // All the rest is one chunk, then.
    let line = Line::in_chunks(Options {
        smallest_chunk: Some(u64::MAX),
        ..Options::default()
    });
    line.push().run();
    line.assert_arrived();
    assert_eq!(line.proxy.record.count("PATCH"), 1, "{}", line.proxy.record.lines());
    for method in ["PATCH", "GET"] {
        let line = Line::in_chunks(Options::default());
        line.registry.change(|options| {
            options.instead = Instead::of(move |request| {
                if !request.path().contains("/uploads/") || request.path().ends_with("/uploads/") {
                    return None;
                }
                let reply = Reply::new(202).header("Location", request.target.clone());
                match request.method.as_str() {
                    asked if asked == method => Some(reply.header("Range", format!("0-{MOST}"))),
                    "PATCH" => Some(Reply::new(503)),
                    _ => None,
                }
            });
        });
        let output = line.push().args(["-j1", "--retries=1"]).status(5).run();
        assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    }
}

/// The least size of a chunk is said where a session begins, and a mount may begin one.
#[test]
fn chunks_after_a_mount_are_as_large_as_the_registry_wants() {
    let line = Line::in_chunks(Options {
        smallest_chunk: Some(2 << 20),
        ..Options::default()
    });
    line.push().args(["-j1", "--mount-from", "nobody/here"]).run();
    line.assert_arrived();
    let mut chunks = line.proxy.record.of("PATCH");
    chunks.retain(|entry| entry.received() > 1000);
    let sizes: Vec<_> = chunks.iter().map(|entry| entry.received()).collect();
    assert_eq!(sizes, [2 << 20, SIZE - (2 << 20)], "{}", line.proxy.record.lines());
}

/// As a page that asks to log in to the network.
#[test]
fn who_answers_yes_to_everything_is_no_registry() {
    let line = Line::new(Options::default());
    line.registry.change(|options| {
        options.instead = Instead::of(|_| {
            let page = "<html>Please log in to the network.</html>";
            Some(Reply::new(200).header("Content-Type", "text/html").bytes(page))
        });
    });
    let output = line.push().status(5).stdout("").run();
    line.assert_said(
        &output,
        str![[r#"
error: [HOST] does not answer as a registry does: sending `weights.bin`: it does not say where the upload goes
  = help: check that [HOST] is a registry, and that nothing before it changes its answers

"#]],
    );
    // Where it had all blobs.
    line.registry.change(|options| {
        options.instead = Instead::of(|request| match request.path() {
            path if path.contains("/manifests/") => Some(Reply::new(200).bytes("<html>")),
            _ => None,
        });
    });
    let output = line.push().status(5).stdout("").run();
    line.assert_said(&output, str![[r#"
error: [HOST] does not answer as a registry does: storing the manifest `some/model:v1`: it answers 200 OK, and has no such manifest then
  = help: check that [HOST] is a registry, and that nothing before it changes its answers

"#]]);
}

/// 200 is no reason to doubt where the digest is the right one.
#[test]
fn a_manifest_that_is_stored_with_another_status_is_stored() {
    let line = Line::new(Options::default());
    let digest = line.built.text().to_owned();
    line.registry.change(|options| {
        options.instead = Instead::of(move |request| {
            let is_put = request.method == "PUT" && request.path().contains("/manifests/");
            is_put.then(|| Reply::new(200).header("Docker-Content-Digest", digest.clone()))
        });
    });
    line.push().run();
}

/// A blob that is damaged there is sent again.
#[test]
fn a_blob_of_another_length_is_not_there() {
    let line = Line::new(Options::default());
    line.push().run();
    fs_err::write(line.registry.content(&sha256(&super::weights())), "short").unwrap();
    line.forget();
    line.push().run();
    line.assert_arrived();
    assert_eq!(line.sent(), SIZE);
}

#[test]
fn a_manifest_that_is_too_large_is_no_layer() {
    let line = Line::new(Options::default());
    line.spoil(&["PUT */manifests/* always status=413"]);
    let output = line.push().status(5).stdout("").run();
    line.assert_said(&output, str![[r#"
error: [HOST] takes no manifest of 1232 bytes: `some/model:v1`
  = help: most registries take 4 MiB: fewer layers or shorter annotations make it smaller, and where a proxy limits requests, it can allow more

"#]]);
}

/// It stands, and is not gone on with, whatever the registry says to that.
#[test]
fn a_session_that_gets_no_further_is_begun_anew_once() {
    for status in [400, 409, 422, 503] {
        for what in ["PATCH", "PUT"] {
            let line = broken();
            // Twice, for a refusal that may pass is waited for.
            let times = if status < 500 { 1 } else { 2 };
            line.spoil(&[&format!(
                "{what} */some/model/blobs/uploads/* times={times} status={status}"
            )]);
            let output = line.push().args(["-j1", "--retries=1"]).run();
            assert!(
                output.stderr.contains("begins anew"),
                "{what} {status}\n{}",
                output.stderr
            );
            line.assert_arrived();
            line.assert_sent(
                2 * CHUNK + SIZE + if what == "PUT" { SIZE - 2 * CHUNK } else { 0 },
                3 * CHUNK,
            );
        }
    }
    // But nobody begins anew without end.
    for status in [400, 500] {
        let line = broken();
        line.spoil(&[&format!("PATCH */uploads/* always status={status}")]);
        let output = line.push().args(["-j1", "--retries=0"]).status(5).run();
        assert_eq!(output.stderr.matches("begins anew").count(), 1, "{}", output.stderr);
    }
}
