//! The tests' own servers, judged by other people's clients: curl and skopeo.

use std::path::Path;

use crate::harness::{Test, sha256};
use crate::oracle::{Oracle, oracle};
use crate::servers::registry::{Options, Registry};

/// A layout `layout`, tagged `v1`, with one layer of 3 MiB; and the digest of its manifest.
fn layout() -> (crate::harness::Output, String) {
    let weights: Vec<u8> = (0..3_u32 << 18)
        .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let built = Test::new()
        .file("model/Modelfile", "NAME tiny\nMODEL weights.bin\nDOC README.md\n")
        .file("model/weights.bin", weights)
        .file("model/README.md", "# tiny\n")
        .args([
            "build",
            "model",
            "--quiet",
            "--tag",
            "example/tiny:v1",
            "--output",
            "layout",
        ])
        .run();
    let digest = built.text().to_owned();
    (built, digest)
}

fn copy(skopeo: &Oracle, dir: &Path, from: &str, to: &str) {
    skopeo.approve(
        dir,
        [
            "--insecure-policy",
            "copy",
            "--all",
            "--preserve-digests",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            from,
            to,
        ],
    );
}

#[test]
fn skopeo_copies_to_the_registry_and_back() {
    let Some(skopeo) = oracle("skopeo") else { return };
    let (built, digest) = layout();
    let dir = built.dir();
    let registry = Registry::start(Options::default());
    let remote = format!("docker://{}/some/model:v1", registry.address());
    copy(&skopeo, &dir, "oci:layout:v1", &remote);
    assert_eq!(registry.tag("some/model", "v1"), Some(digest.clone()));
    let raw = skopeo.approve(&dir, ["inspect", "--raw", "--tls-verify=false", &remote]);
    assert_eq!(sha256(&raw), digest);
    copy(&skopeo, &dir, &remote, "oci:back:v1");
    assert_eq!(
        crate::harness::tree(&dir.join("back/blobs")),
        crate::harness::tree(&dir.join("layout/blobs"))
    );
}
