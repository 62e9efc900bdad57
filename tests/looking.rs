//! `inspect` and `ls`: what is somewhere, from manifests and configs alone.

mod artifact;
mod indexes;
mod list;
mod missing;
mod shares;
mod unreadable;
mod words;
mod written_over;

use modelbuild::registry::Client;
use modelbuild::store::stored::{find, path};
use modelbuild::store::{Reference, Source as _};
use snapbox::{assert_data_eq, str};

use crate::foreign::layout;
use crate::harness::{Test, sha256};
use crate::servers::registry::{Options, Registry};

const MODELFILE: &str = "NAME tiny\nFAMILY llama\nFORMAT gguf\nPARAMSIZE 8B\nQUANTIZATION Q4_K_M\nLICENSE MIT\n\
    MODEL m.gguf\nDOC README.md\n";

/// A model in `layout` and `model.tar`, both tagged `v1`, and in a registry.
fn places() -> (Registry, Test) {
    let registry = Registry::start(Options::default());
    let test = Test::new()
        .file("m/Modelfile", MODELFILE)
        .file("m/m.gguf", "w".repeat(7000))
        .file("m/README.md", "r".repeat(3000))
        .args(["build", "m", "-q", "-o", "layout", "-o", "model.tar", "-t", "tiny:v1"])
        .run()
        .then()
        .args(["push", "layout", &format!("{}/some/tiny:v1", registry.address())])
        .run()
        .then();
    registry.record.clear();
    (registry, test)
}

/// That nothing but manifests and configs was asked for.
fn fetched_no_layer(registry: &Registry) {
    for content in ["w".repeat(7000), "r".repeat(3000)] {
        let digest = sha256(content.as_bytes());
        let lines = registry.record.lines();
        assert!(!lines.contains(&digest), "{lines}");
    }
    assert_eq!(registry.record.count("GET"), registry.record.count("*"));
}

/// A layout with `q4`, `q8`, and `all`, which is an index of both.
pub fn variants() -> Test {
    let mut test = Test::new().file("m/m.gguf", "weights");
    let mut entries = vec![];
    for quantization in ["Q4_K_M", "Q8_0"] {
        let tag = quantization[..2].to_lowercase();
        let output = test
            .file(
                "m/Modelfile",
                MODELFILE.replace("Q4_K_M", quantization).replace("DOC README.md\n", ""),
            )
            .args(["build", "m", "-q", "-o", "layout", "-t", &format!("tiny:{tag}")])
            .run();
        let digest = output.text().to_owned();
        let size = fs_err::metadata(output.dir().join("layout/blobs/sha256").join(&digest[7..]))
            .unwrap()
            .len();
        entries.push(format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{size},"annotations":{{"quantization":"{quantization}"}}}}"#
        ));
        test = output.then();
    }
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}}"#,
        entries.join(",")
    );
    let digest = sha256(index.as_bytes());
    let path = test.dir().join("layout/index.json");
    let mut top: serde_json::Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
    top["manifests"].as_array_mut().unwrap().push(serde_json::json!({
        "mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": index.len(),
        "annotations": {"org.opencontainers.image.ref.name": "all"},
    }));
    fs_err::write(path, top.to_string()).unwrap();
    test.file(format!("layout/blobs/sha256/{}", &digest[7..]), index)
}
