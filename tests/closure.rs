//! `--all` and `--referrers`: what hangs together is moved together, or not at all.

mod index;
mod referrers;

use serde_json::Value;

use crate::harness::{Output, Test, sha256};
use crate::layout::contents;
use crate::looking::variants;
use crate::servers::registry::{Options, Registry};
use crate::tiny::json;

/// A registry without anything, and the layout `layout` with an index under the tag `all`.
pub struct Family {
    pub registry: Registry,
    pub last: Output,
}

impl Family {
    pub fn new(options: Options) -> Self {
        let last = variants().args(["ls", "layout"]).run();
        Self {
            registry: Registry::start(options),
            last,
        }
    }

    /// Where it goes in the registry.
    pub fn remote(&self) -> String {
        format!("{}/some/model:v1", self.registry.address())
    }

    /// A further run in the same directory.
    pub fn then(&self) -> Test {
        self.last.then()
    }

    /// A run that goes well, quietly.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Output {
        self.then().args(args).args(["--quiet"]).run()
    }

    /// What a run says on standard error, with the registry's name in place of its address.
    #[track_caller]
    pub fn says(&self, args: &[&str]) -> String {
        let output = self.then().args(args).run();
        crate::harness::redact_times(&output.stderr.replace(&self.registry.address(), "HOST"))
    }

    /// The blobs of a layout in the working directory, by their names.
    pub fn blobs(&self, layout: &str) -> Vec<String> {
        let blobs = contents(&self.last.dir().join(layout).join("blobs"));
        let files = blobs.into_iter().filter(|(name, _)| name != "sha256");
        let checked = |(name, digest): (String, String)| {
            assert_eq!(name.replacen('/', ":", 1), digest, "a damaged blob");
            digest
        };
        files.map(checked).collect()
    }

    /// The entries of a layout's index: tag and digest.
    pub fn entries(&self, layout: &str) -> Vec<(Option<String>, String)> {
        let index = json(self.last.dir().join(layout).join("index.json"));
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let entry = |entry: &Value| {
            let tag = text(&entry["annotations"]["org.opencontainers.image.ref.name"]);
            (tag, text(&entry["digest"]).unwrap())
        };
        index["manifests"].as_array().unwrap().iter().map(entry).collect()
    }

    /// The digest that a tag has in `layout`.
    pub fn digest(&self, tag: &str) -> String {
        let entries = self.entries("layout").into_iter();
        let mut tagged = entries.filter(|(found, _)| found.as_deref() == Some(tag));
        tagged.next().unwrap().1
    }

    /// Puts a document into `layout`, with an entry where one is given; its digest.
    pub fn add(&self, document: &Value, entry: Option<Value>) -> String {
        let layout = self.last.dir().join("layout");
        let bytes = document.to_string();
        let digest = sha256(bytes.as_bytes());
        fs_err::write(layout.join("blobs").join(digest.replace(':', "/")), &bytes).unwrap();
        if let Some(mut entry) = entry {
            entry["mediaType"] = document["mediaType"].clone();
            entry["digest"] = digest.as_str().into();
            entry["size"] = bytes.len().into();
            let path = layout.join("index.json");
            let mut index: Value = json(&path);
            index["manifests"].as_array_mut().unwrap().push(entry);
            fs_err::write(path, index.to_string()).unwrap();
        }
        digest
    }
}
