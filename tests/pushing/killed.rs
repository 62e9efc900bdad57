//! A push that is killed at any moment, and the same command again.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::{CHUNK, Line, SIZE, weights};
use crate::chance::chance;
use crate::harness::{Test, sha256};
use crate::servers::proxy::{Fault, Gate, Rule, Way};
use crate::servers::registry::{Options, Registry, Sessions};
use crate::serving::noise;

/// Bytes in a chunk, which the system may send as a whole though the process has died.
const SMALL: u64 = 256 << 10;

/// Bytes in a chunk that may break.
const LARGE: u64 = 1 << 20;

/// Bytes at the end of all layers that may have passed before it is seen that others have.
const LAST: u64 = 256 << 10;

/// Large layers, which are all on their way at the same time.
const LAYERS: u8 = 3;

/// A line and an artifact with [`LAYERS`] layers of [`SIZE`] bytes, which differ in each byte.
struct Killing {
    line: Line,
    digest: String,
    layers: Vec<Vec<u8>>,
    chunk: u64,
    /// Whether the registry forgets what it was sent as soon as the process has died.
    is_lost: bool,
}

/// What a number of rounds came to.
#[derive(Debug, Default)]
struct Count {
    /// The kill came before there was a tag.
    early: u32,
    /// The next run went on where the killed one stood.
    resumed: u32,
    /// The next run said that the registry had lost something.
    restarted: u32,
}

impl Killing {
    fn new(sessions: Sessions, chunk: u64) -> Self {
        let line = Line::new(Options {
            sessions,
            ..Options::default()
        });
        let host = line.proxy.address();
        line.set(&format!("[registry.\"{host}\"]\nchunk-size = {chunk}\n"));
        let mut test = line.built.then().file("three/Modelfile", "NAME three\nMODEL *.bin\n");
        let mut layers = vec![];
        for number in 0..LAYERS {
            let content: Vec<_> = noise(3_000_000).iter().map(|byte| byte ^ number).collect();
            test = test.file(format!("three/{number}.bin"), &content);
            layers.push(content);
        }
        let built = test.args(["build", "three", "-q", "-o", "three.layout"]).run();
        let digest = built.text().to_owned();
        // As far as they are counted, blobs must be there.
        let to = format!("{host}/round/none:v1");
        line.built.then().args(["push", "-q", "three.layout", &to]).run();
        Self {
            line,
            digest,
            layers,
            chunk,
            is_lost: sessions != Sessions::Keep,
        }
    }

    /// Begins a run and kills it when so many bytes have come, of which more are to come: in half of all rounds they stand
    /// still by then, in the others they go on. Whether it was alive until then.
    fn kill(&self, run: &Test, moment: u64, is_moving: bool) -> bool {
        let gate = Arc::new(Gate::after(moment));
        let fault = Fault::Gate(Way::Up, Arc::clone(&gate));
        let slow = Fault::Rate(Way::Up, 20_000_000);
        let rule = Rule::new("PATCH", "*/uploads/*").always();
        self.line.proxy.change([rule.fault(fault).fault(slow)]);
        let mut command = run.command();
        let mut killed = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !gate.is_reached() && killed.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        if is_moving {
            gate.open();
        }
        drop(killed.kill());
        let is_killed = killed.wait().unwrap().signal() == Some(9);
        gate.open();
        self.line.spoil(&[]);
        is_killed
    }

    /// Kills `rounds` runs, each to a repository of its own, at random moments; after each the same one completes. No
    /// layer is sent more than `most` bytes too much.
    fn rounds(&self, rounds: u32, most: u64, run: impl Fn(&Self, &str) -> Test) -> Count {
        let (mut count, mut chance) = (Count::default(), chance());
        for round in 1..=rounds {
            self.line.forget();
            let name = format!("round/{round}");
            let to = format!("{}/{name}:v1", self.line.proxy.address());
            let tag = || self.line.registry.tag(&name, "v1");
            // Not by time, which is another one on each machine.
            let moment = chance.u64(0..SIZE * u64::from(LAYERS) - LAST);
            let is_killed = self.kill(&run(self, &to), moment, round % 2 == 0);
            let is_early = tag().is_none();
            if self.is_lost {
                self.line.registry.lose_uploads();
            }
            // A tag is the last thing that comes.
            for layer in &self.layers {
                let is_there = self.line.registry.has_blob(&name, &sha256(layer));
                assert!(is_early || is_there, "{}", self.line.proxy.record.lines());
            }
            let output = run(self, &to).run();
            assert_eq!(tag().as_ref(), Some(&self.digest), "{}", output.stderr);
            let is_restarted = output.stderr.contains("begins anew, for the registry has lost");
            count.early += u32::from(is_killed && is_early);
            count.resumed += u32::from(output.stderr.contains("goes on at"));
            count.restarted += u32::from(is_restarted);
            for layer in &self.layers {
                let (sent, _) = self.line.sent_of(layer);
                assert!((SIZE..=SIZE + most).contains(&sent), "{sent}\n{}", output.stderr);
                // What is more than the chunk that broke has been lost, and that is said.
                assert!(sent <= SIZE + self.chunk || is_restarted, "{sent}\n{}", output.stderr);
            }
        }
        count
    }
}

fn push(killing: &Killing, to: &str) -> Test {
    let test = killing.line.built.then().cached();
    test.args(["push", "three.layout", to])
}

#[test]
fn a_killed_push_goes_on_and_sends_at_most_a_chunk_again() {
    for (chunk, rounds) in [(SMALL, 35), (LARGE, 15)] {
        let count = Killing::new(Sessions::Keep, chunk).rounds(rounds, chunk, push);
        assert_eq!(count.early, rounds, "{chunk} {count:?}");
        assert!(count.resumed >= rounds / 10 * 9, "{chunk} {count:?}");
        assert_eq!(count.restarted, 0, "{chunk} {count:?}");
    }
}

#[test]
fn where_sessions_are_lost_a_killed_push_sends_the_layers_again_and_says_so() {
    let count = Killing::new(Sessions::LoseAll, SMALL).rounds(10, SIZE, push);
    assert!(count.early == 10 && count.restarted >= 7, "{count:?}");
    assert_eq!(count.resumed, 0, "{count:?}");
}

/// Nobody knows a digest before all of a file was read: the file itself is what an upload is known by, and the digest what
/// has arrived.
#[test]
fn a_killed_build_goes_on_with_what_it_had_sent() {
    let killing = Killing::new(Sessions::Keep, SMALL);
    // Of a file that is younger no digest is kept.
    sleep(Duration::from_millis(2100));
    let count = killing.rounds(12, SMALL, |killing, to| {
        // What an earlier round has found out is not known to this one.
        let cache = format!("caches/{}", to.replace([':', '/'], "-"));
        let args = ["build", "three", "--push", "-t", to, "--cache-dir", &cache];
        killing.line.built.then().args(args)
    });
    assert!(count.early == 12 && count.resumed >= 10, "{count:?}");
}

/// Nor is one of which only this process knew the digest.
#[test]
fn a_layer_that_came_before_a_build_was_killed_is_not_sent_again() {
    let killing = Killing::new(Sessions::Keep, SMALL);
    sleep(Duration::from_millis(2100));
    killing.line.forget();
    let to = format!("{}/two/model:v1", killing.line.proxy.address());
    let run = || {
        let test = killing.line.built.then().cached();
        test.args(["build", "three", "--push", "-t", &to, "-j1"])
    };
    assert!(killing.kill(&run(), 2 * SIZE + SIZE / 2, false));
    let is_there = |layer: &&Vec<u8>| killing.line.registry.has_blob("two/model", &sha256(layer));
    let there: Vec<_> = killing.layers.iter().filter(is_there).collect();
    assert_ne!(there, Vec::<&Vec<u8>>::new());
    run().run();
    for layer in there {
        assert_eq!(killing.line.sent_of(layer).0, SIZE);
    }
    assert_eq!(killing.line.registry.tag("two/model", "v1"), Some(killing.digest));
}

/// The registry has made a blob of it, and nobody heard of that: its session is gone, and the blob is there.
#[test]
fn a_layer_that_became_a_blob_is_not_sent_again_by_a_build_that_goes_on() {
    let killing = Killing::new(Sessions::Keep, SMALL);
    killing.line.forget();
    let to = format!("{}/late/model:v1", killing.line.proxy.address());
    let run = || {
        let test = killing.line.built.then().cached();
        test.args(["build", "three", "--push", "-t", &to, "--retries=0"])
    };
    killing.line.spoil(&["PUT */uploads/* always lose-answer"]);
    run().status(5).run();
    // Those that nobody waits for come to an end, too.
    let [asked, answered] = [&killing.line.proxy.record, &killing.line.registry.record];
    let is_answered = || {
        let puts = answered.of("PUT");
        puts.len() == asked.count("PUT") && puts.iter().all(|put| put.status() != 0)
    };
    while !is_answered() {
        sleep(Duration::from_millis(1));
    }
    let is_there = |layer: &&Vec<u8>| killing.line.registry.has_blob("late/model", &sha256(layer));
    let there: Vec<_> = killing.layers.iter().filter(is_there).collect();
    assert_ne!(there, Vec::<&Vec<u8>>::new());
    killing.line.spoil(&[]);
    let output = run().run();
    assert!(output.stderr.contains("goes on at 3.00 MB"), "{}", output.stderr);
    assert!(!output.stderr.contains("begins anew"), "{}", output.stderr);
    for layer in there {
        assert_eq!(killing.line.sent_of(layer).0, SIZE);
    }
    assert_eq!(killing.line.registry.tag("late/model", "v1"), Some(killing.digest));
}

#[test]
fn a_killed_copy_between_registries_goes_on() {
    let source = Registry::start(Options::default());
    let from = format!("{}/a/three:v1", source.address());
    let killing = Killing::new(Sessions::Keep, SMALL);
    push(&killing, &from).run();
    let from = format!("docker://{from}");
    let count = killing.rounds(8, SMALL, |killing, to| {
        let test = killing.line.built.then().cached();
        test.args(["copy", &from, &format!("docker://{to}")])
    });
    assert!(count.early == 8 && count.resumed >= 7, "{count:?}");
}

/// Whoever can write there could say where the next chunk goes.
#[test]
fn notes_that_others_can_write_are_not_believed() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    line.set(&format!("[registry.\"{host}\"]\nchunk-size = \"256KiB\"\n"));
    let notes = line.built.dir().join("../home/cache_home/modelbuild/uploads-1");
    fs_err::create_dir_all(&notes).unwrap();
    // What is done leaves no note.
    line.spoil(&["PATCH */uploads/* always status=400"]);
    for (mode, is_used) in [(0o777, false), (0o700, true)] {
        fs_err::set_permissions(&notes, PermissionsExt::from_mode(mode)).unwrap();
        let to = format!("{host}/mode/{mode:o}:v1");
        let push = line.built.then().cached().args(["push", "layout", &to]);
        push.status(5).run();
        let is_empty = fs_err::read_dir(&notes).unwrap().next().is_none();
        assert_eq!(!is_empty, is_used, "{mode:o}");
    }
}

/// What the one registry has of a layer is not fetched from the other one, unless the layer begins anew in the end.
#[test]
fn a_copy_that_goes_on_fetches_the_rest_alone() {
    for is_refused in [false, true] {
        let line = Line::in_chunks(Options::default());
        let source = Registry::start(Options::default());
        let from = format!("{}/a/tiny:v1", source.address());
        line.built.then().args(["push", "-q", "layout", &from]).run();
        let copy = || {
            let (from, to) = (format!("docker://{from}"), format!("docker://{}", line.model()));
            line.built.then().cached().args(["copy", &from, &to, "-j1"])
        };
        line.spoil(&["PATCH */uploads/* skip=2 always status=400"]);
        copy().status(5).run();
        source.record.clear();
        line.spoil(if is_refused {
            &["PATCH */uploads/* status=403"]
        } else {
            &[]
        });
        let output = copy().run();
        assert!(output.stderr.contains("goes on at 2.10 MB"), "{}", output.stderr);
        line.assert_arrived();
        let blob = sha256(&weights());
        let mut asked = source.record.of("GET");
        asked.retain(|entry| entry.path().ends_with(&blob));
        let ranges: Vec<_> = asked.iter().map(|entry| entry.headers.get("Range")).collect();
        let rest = format!("bytes={}-{}", 2 * CHUNK, SIZE - 1);
        assert_eq!(ranges.first(), Some(&Some(rest.as_str())));
        assert_eq!(ranges.get(1), is_refused.then_some(&None), "{ranges:?}");
    }
}
