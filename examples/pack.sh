#!/usr/bin/env bash
# Fetch an example, build modelbuild and pack the example with it.
#
# Usage: examples/pack.sh [NAME]        silero-vad-onnx (the default), minilm-sharded or smollm2-gguf
#
# Needs cargo, and python3 with pip.
set -euo pipefail
cd "$(dirname "$0")/.."
example=${1:-silero-vad-onnx}
command -v cargo >/dev/null || {
    echo "building needs cargo: install the Rust toolchain with rustup (rust-toolchain.toml names the version)" >&2
    exit 1
}
examples/fetch.sh "$example"
cargo build --release --locked
"${CARGO_TARGET_DIR:-target}/release/modelbuild" "examples/$example"
echo "the OCI layout is in" "examples/$example"/dist/* >&2
