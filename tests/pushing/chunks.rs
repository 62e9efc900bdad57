//! How large chunks are where the user has said nothing: what the link takes in a moment goes in larger ones.

use super::{Line, Options};
use crate::harness::Test;
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::sink::Sink;

/// Bytes in the chunks that every registry gets.
const USUAL: u64 = 64 << 20;

/// Pushes files of so many bytes, one after the other, while something may go wrong. Returns the bytes of each chunk that
/// was taken, and what was said. On a machine that has too much else to do the link may not be a fast one: then again.
#[track_caller]
fn push(sizes: &[u64], rules: &[&str]) -> (Vec<u64>, String) {
    const ATTEMPTS: u32 = 10;
    let mut said = String::new();
    for _ in 0..ATTEMPTS {
        let sink = Sink::start();
        let rules: Vec<Rule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let proxy = Proxy::start(&sink.address(), rules);
        let mut test = Test::new().file("model/Modelfile", "NAME large\nMODEL *.bin\n");
        for (number, size) in sizes.iter().enumerate() {
            test = test.file(format!("model/{number}.bin"), "");
            let path = test.dir().join(format!("model/{number}.bin"));
            let file = fs_err::File::options().write(true).open(path).unwrap();
            file.set_len(*size).unwrap();
        }
        let model = format!("{}/a/m:v1", proxy.address());
        let test = test.args(["build", "model", "--push", "-j1", "--retries=0", "-t", &model]);
        let output = test.command().output().unwrap();
        said = String::from_utf8(output.stderr)
            .unwrap()
            .replace(&proxy.address(), "[HOST]");
        let asked = proxy.record.of("PATCH");
        let second = asked
            .get(1)
            .and_then(|entry| entry.headers.get("Content-Length")?.parse().ok());
        if second.is_none_or(|second: u64| second <= USUAL) {
            continue;
        }
        assert!(output.status.success(), "{said}");
        let taken = sink.record.of("PATCH");
        let chunks = taken.iter().filter(|entry| entry.status() == 202);
        return (chunks.map(|entry| entry.received()).collect(), said);
    }
    panic!("{USUAL} bytes took seconds, {ATTEMPTS} times, or it failed: {said}");
}

#[test]
fn a_fast_link_gets_larger_chunks() {
    let (chunks, _) = push(&[5 * USUAL], &[]);
    assert_eq!(chunks.iter().sum::<u64>(), 5 * USUAL);
    assert_eq!(chunks.first(), Some(&USUAL));
    assert!(chunks.len() < 5, "{chunks:?}");
}

/// Whatever a larger chunk fails for, no other one is tried, not for the next layer either.
#[test]
fn where_a_larger_chunk_fails_all_are_as_usual() {
    for (fault, said) in [
        ("status=413", "status 413"),
        ("status=403", "status 403"),
        ("status=400", "status 400"),
        ("status=503", "status 503"),
        ("status=416", "status 416"),
        ("reset-up=70000000", "again in 0"),
    ] {
        let rule = format!("PATCH */uploads/* skip=1 {fault}");
        let (chunks, stderr) = push(&[3 * USUAL, 2 * USUAL + 1], &[&rule]);
        assert_eq!(chunks, [USUAL, USUAL, USUAL, USUAL, USUAL, 1], "{fault}\n{stderr}");
        assert!(stderr.contains(said), "{fault}\n{stderr}");
        assert!(stderr.contains("goes on at 67.1 MB"), "{fault}\n{stderr}");
    }
}

/// The usual chunk is the smallest that is tried by itself.
#[test]
fn a_usual_chunk_that_is_refused_says_what_to_set() {
    let line = Line::new(Options::default());
    line.spoil(&["PATCH */uploads/* always status=413"]);
    let build = line.built.then();
    let output = build
        .args(["build", "model", "--push", "-t", &line.model()])
        .status(5)
        .run();
    assert!(
        output.stderr.contains("set a smaller `chunk-size`"),
        "{}",
        output.stderr
    );
}
