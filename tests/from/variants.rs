//! A base that is one of an index.

use snapbox::str;

use crate::harness::Output;
use crate::looking::variants;
use crate::servers::registry::{Options, Registry};

/// An index alone in the layout `only` and in a registry, and the digest of the one in it that is `Q8_0`.
fn index() -> (Registry, Output, String) {
    let registry = Registry::start(Options::default());
    let remote = format!("docker://{}/some/model:v1", registry.address());
    let chosen = variants().args(["inspect", "oci:layout:q8", "--manifest"]).run();
    let digest = crate::harness::sha256(&chosen.stdout);
    let copied = chosen
        .then()
        .args(["copy", "--all", "-q", "oci:layout:all", "only", &remote])
        .run();
    (registry, copied, digest)
}

#[test]
fn is_chosen_by_what_its_entry_says() {
    let (registry, output, digest) = index();
    let remote = format!("docker://{}/some/model:v1", registry.address());
    for from in ["../only", &remote] {
        let test = output.then().file("n/Modelfile", format!("FROM {from}\n"));
        let built = test
            .args(["build", "n", "-q", "-o", "out", "--variant", "quantization=Q8_0"])
            .run();
        assert_eq!(built.text(), digest, "{from}");
        output
            .then()
            .args(["plan", "n", "--variant", "quantization=Q8_0"])
            .run();
    }
}

#[test]
fn or_by_its_digest() {
    let (registry, output, digest) = index();
    let remote = format!("docker://{}/some/model", registry.address());
    for from in ["../only", "oci:../only", &remote] {
        let test = output.then().file("n/Modelfile", format!("FROM {from}@{digest}\n"));
        let built = test.args(["build", "n", "-q", "-o", "out"]).run();
        assert_eq!(built.text(), digest, "{from}");
    }
}

#[test]
fn has_to_be_chosen() {
    let (_registry, output, _) = index();
    let test = output.then().file("n/Modelfile", "FROM ../only\n");
    let refused = test.args(["plan", "n"]).status(3).stderr(str![[r#"
error: cannot build from `../only`
 --> n/Modelfile:1:6
  |
1 | FROM ../only
  |      ^^^^^^^ `n/../only` is an index of artifacts, of which several are meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`)
  |
  = help: choose one with `--variant KEY=VALUE`, or by its digest, as in `FROM docker://HOST/REPOSITORY@sha256:…` or `FROM oci:DIR@sha256:…`


"#]]).run();
    refused
        .then()
        .args(["build", "n", "--variant", "quantization=Q2"])
        .status(3)
        .stderr(str![[r#"
error: cannot build from `../only`
 --> n/Modelfile:1:6
  |
1 | FROM ../only
  |      ^^^^^^^ `n/../only` is an index of artifacts, of which none is meant: sha256:8a79cd99b672555f197b24a73e990578063f2b9ed64076806ba919e1eac3d8a1 (`quantization=Q4_K_M`), sha256:d48833d20f29bd58d6272028cf62a759d3c8e05d48ba6ba773e5e69d93ae5c78 (`quantization=Q8_0`)
  |
  = help: choose one with `--variant KEY=VALUE`, or by its digest, as in `FROM docker://HOST/REPOSITORY@sha256:…` or `FROM oci:DIR@sha256:…`


"#]])
        .run();
}
