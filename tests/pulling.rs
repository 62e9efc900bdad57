//! Pulled and copied: what a registry holds arrives as it was pushed, or not at all, whatever happens on the way.

mod elsewhere;
mod everywhere;
mod faults;
mod given_up;
mod hints;
mod json;
mod killed;
mod lists;
mod mirrors;
mod mirrors_away;
mod overlap;
mod partials;
mod tarballs;
mod tools;
mod ways;

use std::collections::BTreeMap;
use std::path::Path;

use crate::harness::{Output, Test};
use crate::layout::contents;
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Options, Registry};
use crate::serving::noise;
use crate::tiny::{manifest, tiny};

/// Size of the weights: large enough to be gone on with, and for a download that breaks in the middle.
pub const WEIGHTS: u64 = 5 << 20;

/// A registry with the artifact `a/tiny:v1`, a proxy before it, and the layout `pushed` that it came from.
pub struct Line {
    pub registry: Registry,
    pub proxy: Proxy,
    pub built: Output,
    /// The digest of the weights, and what a layout calls their file.
    pub weights: String,
}

impl Line {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let registry = Registry::start(options);
        let built = tiny()
            .file("m.gguf", noise(u32::try_from(WEIGHTS).unwrap()))
            .args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"])
            .run();
        let remote = format!("{}/a/tiny:v1", registry.address());
        built.then().args(["push", "-q", "pushed", &remote]).run();
        registry.record.clear();
        let weights = manifest(&built.dir().join("pushed"))["layers"][0]["digest"].clone();
        Self {
            proxy: Proxy::start(&registry.address(), []),
            registry,
            built,
            weights: weights.as_str().unwrap().to_owned(),
        }
    }

    /// What is pulled, as the proxy serves it.
    pub fn remote(&self) -> String {
        format!("{}/a/tiny:v1", self.proxy.address())
    }

    /// A pull to the layout `out`, to be given more options.
    pub fn pull(&self) -> Test {
        self.built
            .then()
            .args(["pull", &self.remote(), "-o", "out", "--no-sync"])
    }

    /// From now on the requests for the weights go wrong, each as its rule says: `METHOD PATH` stand before it.
    pub fn spoil(&self, rules: &[&str]) {
        let path = format!("/v2/a/tiny/blobs/{}", self.weights);
        let rules = rules
            .iter()
            .map(|rule| format!("GET {path} {rule}").parse::<Rule>().unwrap());
        self.proxy.change(rules);
    }

    /// Bytes of the weights that the proxy has sent, over how many requests.
    pub fn fetched(&self) -> (u64, usize) {
        let mut entries = self.proxy.record.of("GET");
        entries.retain(|entry| entry.path().ends_with(&self.weights));
        (entries.iter().map(|entry| entry.sent()).sum(), entries.len())
    }

    /// What was said, with the proxy's name in place of its address.
    pub fn said(&self, text: &str) -> String {
        let named = text.replace(&self.proxy.address(), "HOST");
        crate::harness::redact_times(&named)
    }

    /// The file that holds what there is of the weights, in the layout `out`.
    pub fn partial(&self) -> std::path::PathBuf {
        let digits = self.weights.strip_prefix("sha256:").unwrap();
        self.built
            .dir()
            .join("out/blobs/sha256")
            .join(format!(".partial-{digits}"))
    }

    /// Checks that the layout `out` has all that was pushed, and nothing else.
    #[track_caller]
    pub fn check(&self) {
        let dir = self.built.dir();
        assert_eq!(blobs(&dir.join("out")), blobs(&dir.join("pushed")));
        crate::layout::check(&dir.join("out"));
    }

    /// Checks that `out` shows nothing: no artifact, and no file under a digest that it does not have.
    #[track_caller]
    pub fn check_unpublished(&self) {
        let out = self.built.dir().join("out");
        if out.join("oci-layout").exists() {
            assert_eq!(check_begun(&out), Vec::<String>::new());
        }
    }
}

/// The blobs of a layout, by their names.
pub fn blobs(layout: &Path) -> BTreeMap<String, String> {
    contents(&layout.join("blobs"))
}

/// Checks a layout to which an artifact is on its way: every file has its digest, but for hidden ones; every artifact
/// in its index is whole. Gives their digests.
#[track_caller]
pub fn check_begun(layout: &Path) -> Vec<String> {
    for (name, digest) in blobs(layout) {
        if let Some(digits) = name.strip_prefix("sha256/")
            && !digits.starts_with('.')
        {
            assert_eq!(digest, format!("sha256:{digits}"), "a damaged blob");
        }
    }
    let index: serde_json::Value = crate::tiny::json(layout.join("index.json"));
    let entries = index["manifests"].as_array().unwrap();
    for entry in entries {
        let manifest: serde_json::Value = crate::tiny::json(crate::tiny::blob(layout, entry));
        let config = std::iter::once(&manifest["config"]);
        for descriptor in config.chain(manifest["layers"].as_array().unwrap()) {
            let blob = crate::tiny::blob(layout, descriptor);
            assert_eq!(fs_err::metadata(blob).unwrap().len(), descriptor["size"]);
        }
    }
    entries
        .iter()
        .map(|entry| entry["digest"].as_str().unwrap().to_owned())
        .collect()
}
