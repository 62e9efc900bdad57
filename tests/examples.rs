//! The examples are real models; their digests are known, on every machine.

use std::path::{Path, PathBuf};

use snapbox::{IntoData, str};

use crate::harness::{Test, snapshot};
use crate::oracle::skip;
use crate::schema;

/// The directory of an example if `examples/fetch.sh` has fetched its files.
fn fetched(name: &str, weights: &str) -> Option<PathBuf> {
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
