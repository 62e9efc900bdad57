#!/usr/bin/env bash
# Everything that has to hold before a change goes in, each step named and timed; stops at the first that does not.
#
# Usage: tests/run.sh
#
# On a user's machine, what is missing is left out and said at the end; with CI=true it is a failure. What the machine
# refuses, as a container may refuse to mount, is left out and said on both.
set -euo pipefail
cd "$(dirname "$0")/.."
log=target/tests.log
skipped=()

in_ci() {
    [ -n "${CI:-}" ] && [ "$CI" != false ]
}

step() {
    local name=$1 begin=$SECONDS
    shift
    echo "== $name"
    "$@" || {
        echo "== $name: FAILED after $((SECONDS - begin)) s" >&2
        exit 1
    }
    echo "== $name: $((SECONDS - begin)) s"
}

lint_scripts() {
    if command -v shellcheck >/dev/null; then
        shellcheck -x examples/*.sh fuzz/*.sh tests/run.sh tests/oracles/install.sh benches/*.sh .ci/run
    else
        ! in_ci || {
            echo "shellcheck is missing: tests/oracles/install.sh installs it" >&2
            return 1
        }
        skipped+=("install shellcheck by tests/oracles/install.sh")
    fi
}

# A workspace of its own, which nothing else compiles: only a fuzzer links, stable Rust checks.
check_fuzz() {
    # The fuzzer's own library is one that no other step has fetched.
    local said
    if said=$(cargo fetch --locked --manifest-path fuzz/Cargo.toml 2>&1); then
        cargo check --locked --manifest-path fuzz/Cargo.toml --target-dir target/fuzz
    else
        printf '%s\n' "$said" >&2
        # A `fuzz/Cargo.lock` that is not up to date is no matter of the network.
        if in_ci || [[ $said == *--locked\ was\ passed* ]]; then
            return 1
        fi
        skipped+=("the fuzz targets: what they are made of cannot be fetched")
    fi
}

# The models come over the network; a machine without one can still run all other tests.
fetch_examples() {
    local example
    for example in smollm2-gguf minilm-sharded silero-vad-onnx; do
        # Its tests say that they are left out.
        examples/fetch.sh "$example" || ! in_ci || return 1
    done
}

run_tests() {
    mkdir -p target
    cargo test --locked 2>&1 | tee "$log"
}

step "formatting" cargo fmt --check
step "scripts" lint_scripts
step "clippy" cargo clippy --locked --all-targets -- -D warnings
# Which --all-targets leaves out, as cargo test does.
step "clippy, the tests' servers" cargo clippy --locked --test servers -- -D warnings
step "fuzz targets" check_fuzz
step "rustdoc" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
step "examples" fetch_examples
step "tests" run_tests

# `skipped: install umoci by tests/oracles/install.sh (interop::umoci_lists_the_tag)`: each remedy once.
while read -r tests remedy; do
    skipped+=("$remedy (tests: $tests)")
done < <(sed -n 's/.*skipped: //p' "$log" | sort -u | sed 's/ ([^ ]*)$//' | uniq -c)
if [ ${#skipped[@]} -eq 0 ]; then
    echo "== all passed in $SECONDS s, nothing was skipped"
else
    echo "== all passed in $SECONDS s, but this was skipped:"
    printf '%s\n' "${skipped[@]}"
fi
