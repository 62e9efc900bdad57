//! `push`, `build --push` and `copy` to a registry, as the registry sees it and as the user is told.

mod apart;
mod building;
mod chunks;
mod elsewhere;
mod faults;
mod field;
mod final_errors;
mod first_chunk;
mod given_up;
mod headers;
mod interrupted;
mod json;
mod kept;
mod killed;
mod killed_in_the_field;
mod outages;
mod overlap;
mod plain;
mod quirks;
mod siblings;
mod together;
mod tokens;
mod wrong_words;

use snapbox::{IntoData, assert_data_eq};

use crate::harness::{Output, Test, redact_times, sha256};
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Options, Registry};
use crate::serving::{layout, noise};

/// The user's file of settings, as seen from the working directory.
const USER: &str = "../home/config_home/modelbuild/modelbuild.toml";

/// Bytes of the large layer of [`layout`].
const SIZE: u64 = 3_000_000;

/// Bytes in a chunk where a test wants several in that layer.
const CHUNK: u64 = 1 << 20;

/// A registry, a proxy before it, and a layout to push through it.
struct Line {
    registry: Registry,
    proxy: Proxy,
    built: Output,
}

impl Line {
    /// Nothing goes wrong, and what is small goes in one request.
    fn new(options: Options) -> Self {
        let registry = Registry::start(options);
        let proxy = Proxy::start(&registry.address(), []);
        Self {
            registry,
            proxy,
            built: layout(),
        }
    }

    /// The same, where the large layer goes in three chunks.
    fn in_chunks(options: Options) -> Self {
        let line = Self::new(options);
        let host = line.proxy.address();
        line.set(&format!("[registry.\"{host}\"]\nchunk-size = \"1MiB\"\n"));
        line
    }

    /// The user's settings.
    fn set(&self, settings: &str) {
        drop(self.built.then().file(USER, settings));
    }

    /// What goes wrong from now on.
    fn spoil(&self, rules: &[&str]) {
        let rule = |rule: &&str| rule.parse::<Rule>().unwrap();
        self.proxy.change(rules.iter().map(rule).collect::<Vec<_>>());
    }

    fn model(&self) -> String {
        format!("{}/some/model:v1", self.proxy.address())
    }

    /// A push that is to come.
    fn push(&self) -> Test {
        self.built.then().cached().args(["push", "layout", &self.model()])
    }

    /// What a run said on standard error.
    #[track_caller]
    fn assert_said(&self, output: &Output, expected: impl IntoData) {
        let said = output.stderr.replace(&self.proxy.address(), "[HOST]");
        // Where both fail, either may be the first.
        let said = said.replace("README.md", "weights.bin");
        let said = said.replace(&sha256(b"# tiny\n"), &sha256(&weights()));
        let lines = redact_times(&said).lines().map(redact_chance).collect::<String>();
        assert_data_eq!(lines, expected.into_data());
    }

    /// Bytes of the large layer that were on the wire, refused ones too.
    fn sent(&self) -> u64 {
        self.sent_of(&weights()).0
    }

    /// Bytes of a blob that were on the wire, those that went elsewhere too, and in how many requests.
    fn sent_of(&self, content: &[u8]) -> (u64, usize) {
        let (here, elsewhere) = (&self.proxy.record, &self.proxy.redirected);
        let (here, elsewhere) = (here.received_of(content), elsewhere.received_of(content));
        (here.0 + elsewhere.0, here.1 + elsewhere.1)
    }

    /// Forgets what was asked, so that a test looks at what its next step does.
    fn forget(&self) {
        for record in [&self.registry.record, &self.proxy.record, &self.proxy.redirected] {
            record.clear();
        }
    }

    /// So many bytes of the large layer were on the wire, and at most `refused` that nobody wanted to hear: how much of a
    /// body is sent before an answer to it is seen is chance.
    #[track_caller]
    fn assert_sent(&self, heard: u64, refused: u64) {
        let sent = self.sent();
        let lines = self.proxy.record.lines();
        assert!((heard..=heard + refused).contains(&sent), "{sent}\n{lines}");
    }

    /// The registry has the artifact, to the byte.
    #[track_caller]
    fn assert_arrived(&self) {
        assert_eq!(
            self.registry.tag("some/model", "v1").as_deref(),
            Some(self.built.text())
        );
        for entry in fs_err::read_dir(self.built.dir().join("layout/blobs/sha256")).unwrap() {
            let path = entry.unwrap().path();
            let digest = format!("sha256:{}", path.file_name().unwrap().to_str().unwrap());
            let there = fs_err::read(self.registry.content(&digest)).unwrap();
            assert!(there == fs_err::read(&path).unwrap(), "{digest}");
        }
    }
}

/// The large layer.
fn weights() -> Vec<u8> {
    noise(3_000_000)
}

/// How a broken connection shows, and how much of what was sent was still on its way, is chance.
fn redact_chance(line: &str) -> String {
    let between = |line: String, before: &str, after: &str| match line.split_once(before) {
        Some((start, rest)) => match rest.split_once(after) {
            Some((_, end)) => format!("{start}{before}[CHANCE]{after}{end}"),
            None => line,
        },
        None => line,
    };
    let line = between(format!("{line}\n"), "client error (SendRequest): ", "; again");
    between(line, "has lost ", " bytes")
}
