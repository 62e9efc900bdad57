//! Several layers at a time: none waits for another without need.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use snapbox::str;

use crate::harness::{Output, Test};
use crate::servers::http::Reply;
use crate::servers::registry::{Instead, Options, Registry};
use crate::serving::noise;

/// A layout with `count` layers of `size` bytes and a few more.
fn layers(count: u32, size: u32) -> Output {
    let model = Test::new().file("Modelfile", "NAME many\nMODEL *.bin\n");
    let model = (0..count).fold(model, |model, n| model.file(format!("{n}.bin"), noise(size + n)));
    model.args(["build", "-q", "-o", "layout"]).run()
}

fn push(built: &Output, registry: &Registry) -> Test {
    let to = format!("{}/a/many:v1", registry.address());
    built.then().args(["push", "layout", &to])
}

/// The most requests that a registry has at a time, each of which takes `time`.
fn counts(registry: &Registry, time: Duration, which: fn(&str, &str) -> bool) -> Arc<AtomicUsize> {
    let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    registry.change(|options| {
        options.instead = Instead::of(move |request| {
            if which(&request.method, request.path()) {
                seen.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                std::thread::sleep(time);
                now.fetch_sub(1, Ordering::Relaxed);
            }
            None
        });
    });
    most
}

#[test]
fn a_registry_is_asked_no_more_at_a_time_than_jobs_say() {
    let (registry, built) = (Registry::start(Options::default()), layers(300, 2000));
    let most = counts(&registry, Duration::from_millis(10), |_, _| true);
    push(&built, &registry).args(["-q", "-j2"]).run();
    assert_eq!(most.load(Ordering::Relaxed), 2);
}

/// A registry that has to put a blob together takes its time for that.
#[test]
fn blobs_are_completed_side_by_side() {
    let (registry, built) = (Registry::start(Options::default()), layers(2, 300_000));
    let host = registry.address();
    let settings = format!("[registry.\"{host}\"]\nchunk-size = \"64KiB\"\n");
    let is_closing = |method: &str, path: &str| method == "PUT" && path.contains("/uploads/");
    let most = counts(&registry, Duration::from_secs(1), is_closing);
    push(&built, &registry)
        .args(["-q", "-j2"])
        .file(super::USER, settings)
        .run();
    assert_eq!(most.load(Ordering::Relaxed), 2);
}

/// One layer waits as long as it was asked to, another one is refused: nothing is left to wait for. A run that takes as
/// long as that is ended by [`Test`].
#[test]
fn an_error_is_said_at_once() {
    let (registry, built) = (Registry::start(Options::default()), layers(2, 300_000));
    let begun = AtomicUsize::new(0);
    registry.change(|options| {
        options.instead = Instead::of(move |request| {
            let begins = request.method == "POST";
            begins.then(|| {
                if begun.fetch_add(1, Ordering::Relaxed) == 0 {
                    return Reply::new(429).header("Retry-After", "300");
                }
                std::thread::sleep(Duration::from_millis(500));
                Reply::error(403, "DENIED", "the quota is used up")
            })
        });
    });
    let output = push(&built, &registry).args(["-q", "-j2"]).status(5).run();
    let said = output.stderr.replace(&registry.address(), "[HOST]");
    snapbox::assert_data_eq!(
        said.replace("0.bin", "1.bin"),
        str![[r#"
error: [HOST] denied access: sending `1.bin`: status 403: the quota is used up
  = help: log in with `modelbuild login [HOST]`

"#]]
    );
}

/// Two files with the same bytes, of which one was read by an earlier build.
#[test]
fn a_file_that_equals_one_of_known_digest_is_not_sent() {
    let registry = Registry::start(Options::default());
    let bytes = noise(3_000_000);
    let built = Test::new()
        .file("Modelfile", "NAME twice\nMODEL *.bin\n")
        .file("a.bin", &bytes)
        .cached()
        .args(["build", "-q", "-o", "layout"])
        .run();
    // One that was written just now is not remembered.
    std::thread::sleep(Duration::from_secs(3));
    built.then().cached().args(["build", "-q", "-o", "layout"]).run();
    let to = format!("{}/a/twice:v1", registry.address());
    let second = built.then().cached().file("b.bin", &bytes);
    second.args(["build", "-q", "--push", "-t", &to]).run();
    let (sent, _) = registry.record.received_of(&bytes);
    assert_eq!(sent, 3_000_000, "{}", registry.record.lines());
}
