//! A push to Debian's docker-registry that is killed while a chunk is on its way, and the same command again.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use super::{CHUNK, USER};
use crate::chance::chance;
use crate::harness::{Output, Test, sha256};
use crate::registry::Registry;
use crate::servers::proxy::Proxy;
use crate::serving::noise;

/// Large layers, which are all on their way at the same time.
const LAYERS: u8 = 3;

/// Bytes in each of them, which are three chunks.
const SIZE: usize = 3_000_000;

/// Kills.
const ROUNDS: u32 = 12;

struct Field {
    registry: Registry,
    proxy: Proxy,
    built: Output,
    layers: Vec<Vec<u8>>,
}

impl Field {
    fn new() -> Option<Self> {
        let registry = Registry::start()?;
        let proxy = Proxy::start(registry.address(), []);
        let settings = format!("[registry.\"{}\"]\nchunk-size = {CHUNK}\n", proxy.address());
        let mut test = Test::new().file(USER, settings);
        test = test.file("three/Modelfile", "NAME three\nMODEL *.bin\n");
        let mut layers = vec![];
        for number in 0..LAYERS {
            let content: Vec<_> = noise(SIZE.try_into().unwrap())
                .iter()
                .map(|byte| byte ^ number)
                .collect();
            test = test.file(format!("three/{number}.bin"), &content);
            layers.push(content);
        }
        let built = test.args(["build", "three", "-q", "-o", "three.layout"]).run();
        Some(Self {
            registry,
            proxy,
            built,
            layers,
        })
    }

    /// A push to a repository of its own.
    fn push(&self, round: u32) -> Test {
        let to = format!("{}/round/{round}:v1", self.proxy.address());
        self.built.then().cached().args(["push", "three.layout", &to])
    }

    /// Kills a push while a chunk is on its way, as soon as so many bytes have gone through the proxy.
    fn kill(&self, round: u32, moment: u64) {
        self.proxy
            .change(["PATCH */uploads/* always rate-up=3000000".parse().unwrap()]);
        let mut command = self.push(round).command();
        let mut push = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let is_sending = || {
            let chunks = self.proxy.record.of("PATCH");
            let is_open = |status: u16, received: u64| status == 0 && received > 0;
            self.proxy.record.received() >= moment
                && chunks.iter().any(|chunk| is_open(chunk.status(), chunk.received()))
        };
        while !is_sending() && push.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        drop(push.kill());
        assert_eq!(push.wait().unwrap().signal(), Some(9), "{}", self.proxy.record.lines());
        self.proxy.change([]);
    }

    /// Whether a layer was whole at the registry.
    fn has_arrived(&self, layer: &[u8]) -> bool {
        let digest = sha256(layer);
        let puts = self.proxy.record.of("PUT");
        puts.iter()
            .any(|put| put.status() == 201 && put.target.contains(&digest.replace(':', "%3A")))
    }
}

#[test]
fn at_most_what_was_on_its_way_is_sent_again_and_that_is_said() {
    let Some(field) = Field::new() else { return };
    let mut chance = chance();
    let whole = SIZE as u64;
    for round in 1..=ROUNDS {
        field.proxy.record.clear();
        // Some chunk is always on its way before the last one has begun.
        field.kill(round, chance.u64(1..whole * u64::from(LAYERS) - CHUNK));
        // More may come yet, which the system sends though the process has died.
        let received = |layer: &Vec<u8>| field.proxy.record.received_of(layer).0;
        let before: Vec<_> = field.layers.iter().map(received).collect();
        let arrived: Vec<_> = field.layers.iter().map(|layer| field.has_arrived(layer)).collect();
        let output = field.push(round).run();
        let asked = field.proxy.record.lines();
        for (number, layer) in field.layers.iter().enumerate() {
            let (sent, _) = field.proxy.record.received_of(layer);
            let about = |what: &str| format!("round {round}: {number}.bin {what}\n{}\n{asked}", output.stderr);
            if arrived[number] {
                assert_eq!(sent, whole, "{}", about("was there"));
            } else {
                assert!(sent <= 2 * whole, "{}", about("was sent more than once again"));
                let line = |end: &str| format!("sending `{number}.bin`: {end}");
                let is_said = ["goes on at", "begins anew"]
                    .iter()
                    .any(|end| output.stderr.contains(&line(end)));
                assert!(is_said || before[number] == 0, "{}", about("came without a word"));
                let is_kept = output.stderr.contains(&line("goes on at"));
                let is_lost = output.stderr.contains(&line("begins anew"));
                assert!(!is_kept || is_lost || sent < 2 * whole, "{}", about("went on nowhere"));
            }
            let there = fs_err::read(field.registry.content(&sha256(layer))).unwrap();
            assert!(there == *layer, "{}", about("is another one"));
        }
        let to = format!("{}/round/{round}:v1", field.proxy.address());
        let back = format!("back{round}");
        let pulled = field.built.then().args(["pull", "-q", &to, "-o", &back]).run();
        assert_eq!(pulled.text(), field.built.text());
    }
}
