//! The examples are real models; their digests are known, on every machine.

use std::path::{Path, PathBuf};

use snapbox::str;

use crate::harness::Test;
use crate::oracle::skip;

/// The directory of an example if `examples/fetch.sh` has fetched its files.
fn fetched(name: &str, weights: &str) -> Option<PathBuf> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    if !example.join(weights).is_file() {
        skip(&format!("fetch the model by examples/fetch.sh {name}"));
        return None;
    }
    Some(example)
}

/// The same files give the same digest in any place, so the numbers here change only when the artifact's bytes do.
fn build(example: &Path, digest: impl snapbox::IntoData) {
    let example = example.to_str().unwrap();
    Test::new()
        .args(["build", example, "--quiet", "--output", "layout"])
        .stdout(digest)
        .run();
}

#[test]
fn a_gguf_file() {
    let Some(example) = fetched("smollm2-gguf", "smollm2-135m-instruct-q4_1.gguf") else {
        return;
    };
    build(&example, str![[]]);
}

#[test]
fn a_sharded_safetensors_folder() {
    let Some(example) = fetched("minilm-sharded", "model-00003-of-00003.safetensors") else {
        return;
    };
    build(&example, str![[]]);
}

#[test]
fn an_onnx_file() {
    let Some(example) = fetched("silero-vad-onnx", "silero_vad.onnx") else {
        return;
    };
    build(&example, str![[]]);
}
