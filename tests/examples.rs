//! The examples are real models, whose digests are known on every machine, and programs that use the library.

#[allow(dead_code, reason = "its `main` is cargo's to run")]
#[path = "../examples/by_hand.rs"]
mod by_hand;
#[allow(dead_code, reason = "its `main` is cargo's to run")]
#[path = "../examples/engine_files.rs"]
mod engine_files;

use std::path::{Path, PathBuf};

use snapbox::{IntoData, str};

use crate::harness::{Test, snapshot};
use crate::oracle::skip;
use crate::schema;

/// The directory of an example if `examples/fetch.sh` has fetched its files.
pub fn fetched(name: &str, weights: &str) -> Option<PathBuf> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    if !example.join(weights).is_file() {
        skip(&format!("fetch the model by examples/fetch.sh {name}"));
        return None;
    }
    Some(example)
}

/// The same files give the same digest in any place, so the numbers here change only when the artifact's bytes do; and
/// a second build finds every blob there.
fn build(example: &Path, digest: impl IntoData) {
    let args = [
        "build".as_ref(),
        example.as_os_str(),
        "--quiet".as_ref(),
        "--output".as_ref(),
        "layout".as_ref(),
    ];
    let built = Test::new().args(args).stdout(digest).run();
    schema::check(&built.dir().join("layout"));
    let blobs = built.dir().join("layout/blobs");
    let before = snapshot(&blobs);
    let again = built.then().args(args).run();
    assert_eq!((again.text(), again.stderr.as_str()), (built.text(), ""));
    assert_eq!(snapshot(&blobs), before);
}

#[test]
fn a_gguf_file() {
    let Some(example) = fetched("smollm2-gguf", "smollm2-135m-instruct-q4_1.gguf") else {
        return;
    };
    build(
        &example,
        str![[r#"
sha256:f6760801208d810bc2047825d8b1432c6d08c8dfc1f1e5d79db4a8d9f43047a3

"#]],
    );
}

#[test]
fn a_sharded_safetensors_folder() {
    let Some(example) = fetched("minilm-sharded", "model-00003-of-00003.safetensors") else {
        return;
    };
    build(
        &example,
        str![[r#"
sha256:7cc0593b30dd4f472df3f4770a5c3376e70270e0122e6ecf43cdaa305cbc3049

"#]],
    );
}

#[test]
fn an_onnx_file() {
    let Some(example) = fetched("silero-vad-onnx", "silero_vad.onnx") else {
        return;
    };
    build(
        &example,
        str![[r#"
sha256:3b6f5a3e44e850d8fcc88d75120a52ef73f6db66fe9a633716ea09796638d965

"#]],
    );
}

#[test]
fn a_model_of_two_numbers() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/linear");
    build(
        &example,
        str![[r#"
sha256:e4b4a9ddab67439d14b9d446fd0d16f59d89ae9d8e933021fcda47fdd3f86055

"#]],
    );
}

#[test]
fn the_program_that_finds_the_files_of_an_engine() {
    let built = Test::new()
        .file(
            "m/Modelfile",
            "NAME tiny\nPARAMSIZE 8B\nMODEL *.gguf\nTEMPLATE chat.jinja\n",
        )
        .file("m/a-00001-of-00002.gguf", "one")
        .file("m/a-00002-of-00002.gguf", "two")
        .file("m/chat.jinja", "{{ messages }}")
        .args(["build", "m", "-q", "-o", "layout", "-t", "tiny:v1"])
        .run();
    let told = engine_files::describe(&built.dir().join("layout")).unwrap();
    let blobs = built.dir().join("layout/blobs/sha256");
    snapbox::assert_data_eq!(
        told.replace(blobs.to_str().unwrap(), "[BLOBS]"),
        str![[r#"
sha256:5ea020c3f182a8c3e4244a88d91b88bb810ad5091067b1055d0bfc3c9e5497f8 (v1)
format gguf
parameters 8B
weights [BLOBS]/7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed
weights [BLOBS]/3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3
no projector: the model has 0 layers that are its projector; exactly one is expected
template [BLOBS]/f24189f08c85a1eb19a737306c3a13e85462ee33d964f28108d64a2485fa2171

"#]]
    );
}

#[test]
fn the_program_that_puts_an_artifact_together() {
    let artifact = by_hand::artifact().unwrap();
    snapbox::assert_data_eq!(
        String::from_utf8_lossy(artifact.raw_manifest()).into_owned(),
        str![[
            r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","digest":"sha256:1def3348a7eacfaffda73c8accaf2879f854132894a03e8777c4bdbf35daf230","size":158},"layers":[{"mediaType":"application/vnd.docker.ai.gguf.v3","digest":"sha256:c1552459cc18b6ba3146d6bfaa119f0941f779735ec54d00a7aa703b463446da","size":22,"annotations":{"org.cncf.model.filepath":"model.gguf"}}]}"#
        ]]
    );
    assert_eq!(artifact.gguf().len(), 1);
}
