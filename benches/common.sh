# What the benchmarks of whole commands begin with; to be sourced, with the project as the working directory.
# shellcheck shell=bash disable=SC2034 # what is set here is for those who source it
# Times are the program's, not those of somebody's own settings.
export MODELBUILD_CONFIG=
mib=$((1024 * 1024))

say() { printf '== %s\n' "$*" >&2; }

needs() { # TOOL...: ends it all where one is missing
    local tool missing=()
    for tool in cargo hyperfine "$@"; do
        # A program: the shell's own `time` knows nothing of memory.
        type -P "$tool" >/dev/null || missing+=("$tool")
    done
    ((${#missing[@]} == 0)) || {
        echo "$0 needs ${missing[*]} (tests/oracles/install.sh installs most)" >&2
        exit 2
    }
}

build() { # sets $modelbuild to the binary that is timed
    say "building"
    if [[ -z ${MODELBUILD:-} ]]; then
        cargo build --release --locked --quiet
        MODELBUILD=target/release/modelbuild
    fi
    modelbuild=$(realpath "$MODELBUILD")
}
