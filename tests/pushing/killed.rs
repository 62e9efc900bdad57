//! A push that is killed at any moment, and the same command again.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Line, SIZE};
use crate::servers::registry::{Options, Sessions};

/// Bytes in a chunk.
const CHUNK: u64 = 256 << 10;

/// Kills `rounds` pushes, each to a repository of its own, at random moments; after each the same command completes.
/// Returns how many bytes of the large layer were sent too much, at most, in one of the rounds.
fn kill(sessions: Sessions, rounds: u32) -> u64 {
    let line = Line::new(Options {
        sessions,
        ..Options::default()
    });
    let host = line.proxy.address();
    line.set(&format!("[registry.\"{host}\"]\nchunk-size = \"256KiB\"\n"));
    line.spoil(&["PATCH */uploads/* always rate-up=20000000"]);
    let push = |round: u32| {
        let to = format!("{host}/round/{round}:v1");
        line.built.then().cached().args(["push", "layout", &to])
    };
    let begin = Instant::now();
    push(0).run();
    let whole = begin.elapsed();
    let mut most = 0;
    for round in 1..=rounds {
        line.registry.forget();
        let mut command = push(round).command();
        let mut killed = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(whole.mul_f64(fastrand::f64()).max(Duration::from_millis(1)));
        drop(killed.kill());
        drop(killed.wait());
        let output = push(round).run();
        let tag = line.registry.tag(&format!("round/{round}"), "v1");
        assert_eq!(tag.as_deref(), Some(line.built.text()), "{}", output.stderr);
        // It is one file for all repositories of this registry: what came counts where it came.
        let sent: u64 = line
            .registry
            .record
            .entries()
            .iter()
            .map(|entry| entry.received())
            .sum();
        most = most.max(sent.saturating_sub(SIZE));
    }
    most
}

/// The other blobs: the small layer, the config, the manifest.
const SMALL: u64 = 4000;

#[test]
fn a_killed_push_goes_on_and_sends_at_most_a_chunk_again() {
    let most = kill(Sessions::Keep, 50);
    assert!(most <= CHUNK + 2 * SMALL, "{most}");
}

#[test]
fn where_sessions_are_lost_a_killed_push_sends_the_layer_again() {
    let most = kill(Sessions::DropBroken, 10);
    assert!(most <= SIZE + 2 * SMALL, "{most}");
}

/// Whoever can write there could say where the next chunk goes.
#[test]
fn notes_that_others_can_write_are_not_believed() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    line.set(&format!("[registry.\"{host}\"]\nchunk-size = \"256KiB\"\n"));
    let notes = line.built.dir().join("../home/cache_home/modelbuild/uploads-1");
    fs_err::create_dir_all(&notes).unwrap();
    for (mode, is_used) in [(0o777, false), (0o700, true)] {
        fs_err::set_permissions(&notes, PermissionsExt::from_mode(mode)).unwrap();
        let to = format!("{host}/mode/{mode:o}:v1");
        line.built.then().cached().args(["push", "layout", &to]).run();
        let is_empty = fs_err::read_dir(&notes).unwrap().next().is_none();
        assert_eq!(!is_empty, is_used, "{mode:o}");
    }
}
