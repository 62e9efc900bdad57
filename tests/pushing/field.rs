//! Debian's docker-registry in place of the tests' own, where a layer goes in chunks and things go wrong.

use std::collections::HashSet;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::USER;
use crate::harness::{Output, Test, tree};
use crate::registry::{Access, Certificate, Registry, Settings};
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Signer, TokenService};
use crate::serving::layout;

/// A registry, a proxy before it, and a layout whose large layer goes in three chunks.
struct Field {
    registry: Registry,
    proxy: Proxy,
    built: Output,
}

impl Field {
    fn new(settings: &Settings) -> Option<Self> {
        let registry = Registry::start_with(settings)?;
        let proxy = Proxy::start(registry.address(), []);
        let built = layout();
        let host = proxy.address();
        let settings = format!("[registry.\"{host}\"]\nchunk-size = \"1MiB\"\n");
        drop(built.then().file(USER, settings));
        Some(Self { registry, proxy, built })
    }

    fn spoil(&self, rule: &str) {
        self.proxy.change([rule.parse::<Rule>().unwrap()]);
    }

    fn model(&self) -> String {
        format!("{}/some/model:v1", self.proxy.address())
    }

    fn push(&self) -> Test {
        self.built.then().cached().args(["push", "layout", &self.model()])
    }

    fn patches(&self) -> usize {
        self.proxy.record.count("PATCH")
    }

    /// It has each blob to the byte, and gives them back.
    #[track_caller]
    fn assert_arrived(&self, pull: Test) {
        self.proxy.change([]);
        let blobs = self.built.dir().join("layout/blobs");
        for entry in fs_err::read_dir(blobs.join("sha256")).unwrap() {
            let path = entry.unwrap().path();
            let digest = format!("sha256:{}", path.file_name().unwrap().to_str().unwrap());
            let there = fs_err::read(self.registry.content(&digest)).unwrap();
            assert!(there == fs_err::read(&path).unwrap(), "{digest}");
        }
        pull.args(["pull", &self.model(), "-o", "back"]).run();
        assert_eq!(tree(&self.built.dir().join("back/blobs")), tree(&blobs));
    }
}

/// Waits for what another process does.
#[track_caller]
fn wait(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_mins(2), "it does not come");
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn chunks_follow_the_addresses_that_docker_registry_gives() {
    for relative_urls in [false, true] {
        let settings = Settings {
            relative_urls,
            ..Settings::default()
        };
        let Some(field) = Field::new(&settings) else { return };
        field.push().run();
        let patches = field.proxy.record.of("PATCH");
        // Each holds how far it is.
        let places: HashSet<_> = patches.iter().map(|entry| &entry.target).collect();
        assert_eq!((patches.len(), places.len()), (3, 3), "{}", field.proxy.record.lines());
        field.assert_arrived(field.built.then());
    }
}

#[test]
fn what_docker_registry_forgets_after_a_broken_chunk_is_sent_again() {
    let Some(field) = Field::new(&Settings::default()) else {
        return;
    };
    field.spoil("PATCH */uploads/* skip=1 cut-up=500000");
    let output = field.push().run();
    let is_said = output.stderr.contains("begins anew, for the registry has lost");
    assert!(is_said, "{}", output.stderr);
    field.assert_arrived(field.built.then());
}

#[test]
fn a_client_that_is_killed_between_chunks_goes_on() {
    let Some(field) = Field::new(&Settings::default()) else {
        return;
    };
    // It has two chunks, and never hears of the third one.
    field.spoil("PATCH */uploads/* skip=2 delay=600000");
    let mut command = field.push().command();
    let mut killed = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait(|| field.patches() == 3);
    killed.kill().unwrap();
    killed.wait().unwrap();
    field.proxy.change([]);
    let output = field.push().run();
    assert!(output.stderr.contains("goes on at 2.10 MB"), "{}", output.stderr);
    assert_eq!(field.patches(), 4, "{}", field.proxy.record.lines());
    field.assert_arrived(field.built.then());
}

#[test]
fn a_docker_registry_that_is_killed_and_comes_back_is_waited_for() {
    let Some(mut field) = Field::new(&Settings::default()) else {
        return;
    };
    field.spoil("PATCH */uploads/* always rate-up=1000000");
    let mut command = field.push().command();
    let running = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait(|| field.patches() == 2 && field.proxy.record.received() > (1 << 20) + 200_000);
    field.registry.kill();
    field.registry.restart();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("; again in "), "{said}");
    field.assert_arrived(field.built.then());
}

#[test]
fn signed_tokens_open_docker_registry_and_one_that_has_ended_is_replaced() {
    let dir = TempDir::new().unwrap();
    let Some(certificate) = Certificate::authority(dir.path(), "tokens") else {
        return;
    };
    let signer = Signer::new(&certificate.key, &certificate.certificate);
    let service = TokenService::signing("bob", "hunter2", signer);
    let settings = Settings {
        access: Access::Token {
            realm: service.realm(),
            certificate: certificate.certificate,
        },
        ..Settings::default()
    };
    let Some(field) = Field::new(&settings) else { return };
    let login = r#"{"auths": {"HOST": {"username": "bob", "password": "hunter2"}}}"#;
    let login = login.replace("HOST", &field.proxy.address());
    drop(field.built.then().file("../home/.docker/config.json", login));

    // Each is good for one request by our clock, and for a minute by docker-registry's.
    service.tokens.live(1, u64::MAX);
    field.spoil("* * always delay=500");
    let mut command = field.push().args(["-j1"]).command();
    let running = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait(|| field.patches() > 0);
    service.tokens.give_a_stale_one();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let entries = field.proxy.record.entries();
    let refused = |scheme| {
        let is_so = |entry: &&_| {
            let entry: &std::sync::Arc<crate::servers::record::Entry> = entry;
            entry.status() == 401 && entry.scheme() == scheme
        };
        entries.iter().filter(is_so).count()
    };
    assert!(
        refused(None) > 0 && refused(Some("Bearer")) > 0,
        "{}",
        field.proxy.record.lines()
    );
    field.assert_arrived(field.built.then());
}
