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

# Times commands in turns, every other round the other way around: what the one before leaves in memory and on the disk
# meets each of them.
turns() { # JSON RUNS PREPARE, then LABEL COMMAND ...: an array of {name, wall, cores} in JSON, medians in seconds
    local json=$1 runs=$2 prepare=$3 commands=() reversed=() rounds=() round warmup=1
    shift 3
    while (($#)); do
        commands+=(-n "$1" "$2")
        reversed=(-n "$1" "$2" "${reversed[@]}")
        shift 2
    done
    for ((round = 0; round < runs; round++)); do
        rounds+=("$json.$round")
        hyperfine --style none --warmup "$warmup" --runs 1 --prepare "$prepare" --export-json "$json.$round" \
            "${commands[@]}" >"$json.log" 2>&1 || { cat "$json.log" >&2 && return 1; }
        local other=("${reversed[@]}")
        reversed=("${commands[@]}") commands=("${other[@]}") warmup=0
    done
    jq -s 'def median: sort | .[length / 2 | floor];
        . as $rounds | [.[0].results[].command] | map(. as $name |
            [$rounds[].results[] | select(.command == $name)] |
            {name: $name, wall: (map(.median) | median), cores: (map(.user + .system) | median)})' "${rounds[@]}" >"$json"
}
