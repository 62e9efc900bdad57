//! Other people's tools read what we pushed, and we read what they pushed.

use super::{Line, blobs};
use crate::oracle::oracle;
use crate::registry::Registry;
use crate::tiny::tiny;

/// docker-registry with an artifact that we pushed from the layout `pushed`.
fn pushed() -> Option<(Registry, crate::harness::Output, String)> {
    let registry = Registry::start()?;
    let built = tiny().args(["build", "-q", "-o", "pushed", "-t", "a/tiny:v1"]).run();
    let remote = format!("{}/a/tiny:v1", registry.address());
    built.then().args(["push", "-q", "pushed", &remote]).run();
    Some((registry, built, remote))
}

const FILES: [&str; 3] = ["m.gguf", "config.json", "README.md"];

#[track_caller]
fn check_files(dir: &std::path::Path, pulled: &str) {
    for file in FILES {
        assert_eq!(
            fs_err::read(dir.join(pulled).join(file)).unwrap(),
            fs_err::read(dir.join(file)).unwrap(),
            "{file}"
        );
    }
}

#[test]
fn skopeo_both_ways() {
    let (Some(skopeo), Some((registry, built, remote))) = (oracle("skopeo"), pushed()) else {
        return;
    };
    let dir = built.dir();
    let copy = ["--insecure-policy", "copy", "--preserve-digests"];
    let ours = format!("docker://{remote}");
    skopeo.approve(
        &dir,
        [&copy[..], &["--src-tls-verify=false", &ours, "oci:theirs:v1"]].concat(),
    );
    assert_eq!(blobs(&dir.join("theirs")), blobs(&dir.join("pushed")));
    let theirs = format!("{}/b/tiny:v1", registry.address());
    let to = format!("docker://{theirs}");
    skopeo.approve(
        &dir,
        [&copy[..], &["--dest-tls-verify=false", "oci:pushed:v1", &to]].concat(),
    );
    built.then().args(["pull", "-q", &theirs, "-o", "ours"]).run();
    assert_eq!(blobs(&dir.join("ours")), blobs(&dir.join("pushed")));
}

#[test]
fn oras_both_ways() {
    let (Some(python), Some((registry, built, remote))) = (oracle("python3"), pushed()) else {
        return;
    };
    let dir = built.dir();
    let client = "import sys, oras.client as o; c = o.OrasClient(insecure=True); ";
    let pull = format!("{client}c.pull(sys.argv[1], outdir='pulled')");
    python.approve(&dir, ["-c", &pull, &remote]);
    check_files(&dir, "pulled");
    // No model of ours: an artifact all the same, which is moved as it is.
    let theirs = format!("{}/b/files:v1", registry.address());
    let push =
        format!("{client}c.push(sys.argv[1], files=['m.gguf:application/octet-stream', 'README.md:text/plain'])");
    python.approve(&dir, ["-c", &push, &theirs]);
    built.then().args(["pull", "-q", &theirs, "-o", "ours"]).run();
    let found = blobs(&dir.join("ours"));
    for file in ["m.gguf", "README.md"] {
        let digest = crate::harness::sha256(&fs_err::read(dir.join(file)).unwrap());
        assert!(found.contains_key(&digest.replace(':', "/")), "{file}");
    }
}

#[test]
fn modelpack_client_both_ways() {
    let (Some(client), Some((registry, built, remote))) = (oracle("modelpack"), pushed()) else {
        return;
    };
    let dir = built.dir();
    client.approve(&dir, ["--insecure", "pull", &remote, "pulled"]);
    check_files(&dir, "pulled");
    let theirs = format!("{}/b/tiny:v1", registry.address());
    fs_err::write(
        dir.join("model.json"),
        r#"{"descriptor":{"name":"tiny"},"modelfs":{"type":"layers","diffIds":[]},"config":{}}"#,
    )
    .unwrap();
    let layer = "m.gguf:application/vnd.cncf.model.weight.v1.raw";
    let push = [
        "--insecure",
        "push",
        "--config",
        "model.json",
        "--layer",
        layer,
        &theirs,
    ];
    client.approve(&dir, push);
    built.then().args(["pull", "-q", &theirs, "-o", "ours"]).run();
    let found = blobs(&dir.join("ours"));
    let digest = crate::harness::sha256(&fs_err::read(dir.join("m.gguf")).unwrap());
    assert!(found.contains_key(&digest.replace(':', "/")));
}

/// What one program wrote another goes on with: docker-registry answers ranges as ours does.
#[test]
fn docker_registry_is_asked_for_parts() {
    let Some(registry) = Registry::start() else { return };
    let line = Line::new();
    let to = format!("docker://{}/a/tiny:v1", registry.address());
    line.built.then().args(["copy", "-q", "pushed", &to]).run();
    let proxy = crate::servers::proxy::Proxy::start(registry.address(), []);
    let blob = format!("/v2/a/tiny/blobs/{}", line.weights);
    proxy.change([format!("GET {blob} cut-down=3000000").parse().unwrap()]);
    let remote = format!("{}/a/tiny:v1", proxy.address());
    line.built.then().args(["pull", "-q", &remote, "-o", "out"]).run();
    line.check();
    let mut entries = proxy.record.of("GET");
    entries.retain(|entry| entry.path() == blob);
    assert_eq!(entries.iter().map(|entry| entry.sent()).sum::<u64>(), super::WEIGHTS);
    assert_eq!(entries.last().unwrap().status(), 206);
}
