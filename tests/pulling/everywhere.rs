//! Whatever is fetched, and wherever it goes: what breaks on the way is made good, or is one error, after which nothing
//! half-finished is to be seen, and the second attempt completes.

use std::collections::BTreeMap;
use std::path::Path;

use super::Line;
use crate::closure::Family;
use crate::harness::Test;
use crate::layout::contents;
use crate::servers::proxy::{Proxy, Rule};
use crate::servers::registry::{Options, Registry};
use crate::tiny::{blob, json};

/// Files by their names.
type Seen = BTreeMap<String, String>;

/// A way in which things are fetched through a proxy.
struct Way<'a> {
    proxy: &'a Proxy,
    /// The blob that is spoiled, and where it breaks.
    digest: &'a str,
    cut: u64,
    /// The command, to what has this name.
    fetch: &'a dyn Fn(&str) -> Test,
    /// What is to be seen under that name.
    seen: &'a dyn Fn(&str) -> Option<Seen>,
}

impl Way<'_> {
    fn spoil(&self, fault: &str) {
        let rule = format!("GET */blobs/{} {fault}", self.digest);
        self.proxy.change([rule.parse::<Rule>().unwrap()]);
    }

    #[track_caller]
    fn check(&self) {
        (self.fetch)("whole").run();
        let whole = (self.seen)("whole").unwrap();
        assert!(!whole.is_empty());
        let cut = format!("cut-down={}", self.cut);
        for (number, fault) in [&*cut, "status=503:1", "lose-answer"].into_iter().enumerate() {
            self.spoil(fault);
            let out = format!("passing{number}");
            let output = (self.fetch)(&out).run();
            let told = output.stderr.matches("; again in ").count();
            assert_eq!(told, 1, "{fault}: {}", output.stderr);
            assert_eq!((self.seen)(&out).as_ref(), Some(&whole), "{fault}");
        }
        let wrong = format!("always flip-down={}", self.cut);
        let faults = [(wrong.as_str(), 4), ("always status=404", 5), ("always status=503", 5)];
        for (number, (fault, status)) in faults.into_iter().enumerate() {
            self.spoil(fault);
            let out = format!("final{number}");
            let failed = (self.fetch)(&out).args(["--retries=1"]).status(status).run();
            let errors = failed.stderr.lines().filter(|line| line.starts_with("error: "));
            assert_eq!(errors.count(), 1, "{fault}: {}", failed.stderr);
            assert_eq!((self.seen)(&out), None, "{fault}");
            self.proxy.change([]);
            (self.fetch)(&out).run();
            assert_eq!((self.seen)(&out).as_ref(), Some(&whole), "{fault}");
        }
    }
}

/// The blobs of a layout, if it has an artifact; whatever has a digest for its name has that digest.
fn in_layout(layout: &Path) -> Option<Seen> {
    if !layout.join("index.json").exists() {
        return None;
    }
    let mut blobs = contents(&layout.join("blobs/sha256"));
    blobs.retain(|name, _| !name.starts_with('.'));
    for (name, digest) in &blobs {
        assert_eq!(digest, &format!("sha256:{name}"), "a damaged blob");
    }
    let index = json(layout.join("index.json"));
    (index["manifests"] != serde_json::json!([])).then_some(blobs)
}

/// What a command on [`Line`] makes of its model.
fn check_line(line: &Line, fetch: &dyn Fn(&str) -> Test, seen: &dyn Fn(&str) -> Option<Seen>) {
    let way = Way {
        proxy: &line.proxy,
        digest: &line.weights,
        cut: 3_000_000,
        fetch,
        seen,
    };
    way.check();
}

#[test]
fn into_a_tarball() {
    let line = Line::new();
    let (dir, remote) = (line.built.dir(), line.remote());
    check_line(
        &line,
        &|out| line.built.then().args(["pull", &remote, "-o", &format!("{out}.tar")]),
        &|out| {
            let bytes = fs_err::read(dir.join(format!("{out}.tar"))).ok()?;
            Some(BTreeMap::from([(String::new(), crate::harness::sha256(&bytes))]))
        },
    );
}

#[test]
fn into_files() {
    let line = Line::new();
    let (dir, remote) = (line.built.dir(), line.remote());
    check_line(
        &line,
        &|out| line.built.then().args(["pull", &remote, "--extract", out]),
        &|out| {
            let out = dir.join(out);
            let mut files = if out.exists() { contents(&out) } else { Seen::new() };
            files.retain(|name, _| !name.starts_with(".modelbuild-extract"));
            (!files.is_empty()).then_some(files)
        },
    );
}

#[test]
fn into_another_registry() {
    let line = Line::new();
    let other = Registry::start(Options::default());
    let from = format!("docker://{}", line.remote());
    let to = |out: &str| format!("docker://{}/{out}/tiny:v1", other.address());
    check_line(
        &line,
        &|out| line.built.then().args(["copy", &from, &to(out)]),
        &|out| {
            let digest = other.tag(&format!("{out}/tiny"), "v1")?;
            Some(BTreeMap::from([("v1".to_owned(), digest)]))
        },
    );
}

#[test]
fn into_what_is_built_on_it() {
    let line = Line::new();
    let (dir, remote) = (line.built.dir(), line.remote());
    let modelfile = format!("FROM docker://{remote}\nVERSION 2\n");
    check_line(
        &line,
        &|out| {
            let test = line.built.then().file("derived/Modelfile", &modelfile);
            test.args(["build", "derived", "-o", out])
        },
        &|out| in_layout(&dir.join(out)),
    );
}

/// The index `all`, and what refers to one of its artifacts, in a registry behind a proxy; the digests of a layer of each.
fn family() -> (Family, Proxy, String, String) {
    let family = Family::new(Options::default());
    let signature = family.sign(&family.digest("q4"), "Ada");
    family.run(&["push", "oci:layout:all", &family.remote(), "--all", "--referrers"]);
    let proxy = Proxy::start(&family.registry.address(), []);
    let layout = family.last.dir().join("layout");
    let layer = |digest: &str| {
        let manifest = json(blob(&layout, &serde_json::json!({"digest": digest})));
        manifest["layers"][0]["digest"].as_str().unwrap().to_owned()
    };
    let (model, signed) = (layer(&family.digest("q4")), layer(&signature));
    (family, proxy, model, signed)
}

#[test]
fn an_index_and_what_refers_to_it() {
    let (family, proxy, model, signed) = family();
    let remote = format!("{}/some/model:v1", proxy.address());
    let dir = family.last.dir();
    for (digest, options) in [(&model, &["--all"][..]), (&signed, &["--all", "--referrers"])] {
        let name = |out: &str| format!("{}{out}", options.len());
        let way = Way {
            proxy: &proxy,
            digest,
            cut: 3,
            fetch: &|out| family.then().args(["pull", &remote, "-o", &name(out)]).args(options),
            seen: &|out| in_layout(&dir.join(name(out))),
        };
        way.check();
    }
}
