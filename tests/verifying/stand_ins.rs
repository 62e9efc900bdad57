//! Weights that are no weights, but what stood in their place when they were packed.

use serde_json::json;
use snapbox::str;

use super::{CONFIG, config, crafted, layer, manifest};
use crate::harness::Test;

/// A model of one file of weights, at `path` and in a layer of this kind.
fn weights(kind: &str, path: &str, bytes: &[u8]) -> Test {
    crafted(|out| {
        let layers = [layer(out, kind, path, bytes)];
        manifest(out, CONFIG, &config(&layers), &layers)
    })
}

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

#[test]
fn pointers_and_pages_are_no_weights() {
    weights("weight.v1.raw", "m.gguf", POINTER).stdout(str![[r#"
warning: m.gguf sha256:7dc8492dd9d024927f2d04f87effee101ae03cb240c2e7ffe4fb5ec1e1c96c0f: is no weights, but a pointer of git-lfs [weights-stand-in]
out: 1 artifact, 3 blobs, 977 B: 1 warning

"#]]).run();
    weights("weight.v1.raw", "m.safetensors", b"\n<!doctype HTML>\n<title>404</title>")
        .args(["--strict"])
        .status(4)
        .stdout(str![[r#"
warning: m.safetensors sha256:cefaaf3f6bd62dd00b082b310386f1c346ddf122e5a56daf8797b28f805a2231: is no weights, but a page in HTML [weights-stand-in]
out: 1 artifact, 3 blobs, 969 B: 1 warning

"#]])
        .run();
    let large = [b"\xef\xbb\xbf<html lang=en>".to_vec(), vec![b' '; 5_000_000]].concat();
    weights("weight.v1.raw", "m.bin", &large).stdout(str![[r#"
warning: m.bin sha256:d00fe20d6b03efe8373a42f1eb4b8db8d901a158b0366354750b33291b15b179: is no weights, but a page in HTML [weights-stand-in]
out: 1 artifact, 3 blobs, 5.00 MB: 1 warning

"#]]).run();
}

/// What is short, or only mentions them; and a pointer may be what a dataset is about.
#[test]
fn nothing_else_is_said_to_be_one() {
    for (kind, path, bytes) in [
        ("weight.v1.raw", "m.gguf", &b""[..]),
        ("weight.v1.raw", "m.gguf", b"<"),
        ("weight.v1.raw", "m.gguf", b"GGUF <!doctype html>"),
        ("dataset.v1.raw", "pointer", POINTER),
        ("doc.v1.raw", "index.html", b"<!DOCTYPE html>"),
    ] {
        let output = weights(kind, path, bytes).args(["--format", "json"]).run();
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["places"][0]["findings"], json!([]), "{path}");
    }
}
