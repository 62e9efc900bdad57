#!/usr/bin/env bash
# Times extract and verify against cp and this machine's hashing. See benches/README.md.
#
#   benches/reading.sh [quick|full] [DIR]    DIR: where the data goes, default target/bench; needs 20 GB (quick: 3 GB)
#
# MODELBUILD=FILE times another binary, RUNS=N takes the median of N runs (default 5).
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/common.sh

size=${1:-quick}
base=$(realpath -m "${2:-target/bench}")/reading
runs=${RUNS:-5}
case $size in
    quick) big=$((512 * mib)) shard=$((128 * mib)) count=1250 ;;
    full) big=$((4096 * mib)) shard=$((1024 * mib)) count=10000 ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

needs jq time
build
limits=$(cargo bench --bench limits --no-run --locked --quiet --message-format=json |
    jq -r 'select(.target.name == "limits" and .executable).executable')

trap 'rm -rf "$base"' EXIT
trap 'exit 130' INT TERM
rm -rf "$base"
mkdir -p "$base"

make_data() { # SUBJECT
    rm -rf "${base:?}"/*
    mkdir "$base/in" "$base/aside"
    case $1 in
        one) head -c "$big" /dev/urandom >"$base/in/model.gguf" ;;
        four) for n in 1 2 3 4; do head -c "$shard" /dev/urandom >"$base/in/model-0000$n-of-00004.gguf"; done ;;
        many)
            # A hundred files to a directory, as data sets have it.
            for ((directory = 0; directory * 100 < count; directory++)); do
                mkdir "$base/in/$directory"
                head -c $((100 * 10240)) /dev/urandom | split -b 10240 -d -a 2 - "$base/in/$directory/part-"
            done
            ;;
    esac
    printf 'NAME subject\nDATASET .\n' >"$base/Modelfile"
    "$modelbuild" "$base/in" -f "$base/Modelfile" -o "$base/layout" -q --no-cache >/dev/null
    sync --file-system "$base"
}

row() { # NAME PREPARE then LABEL COMMAND ...: medians, and the first one's ratio to each of the others
    local name=$1
    shift
    turns "$base/row.json" "$runs" "$@"
    jq -r --arg name "$name" '. as $r | "\($name)\t" +
        (map("\(.name) \(.wall * 1000 | round) ms") | join("\t")) + "\t" +
        ($r[1:] | map("\($r[0].wall / .wall * 100 | round / 100) x \(.name)") | join("\t"))' "$base/row.json"
}

for subject in one four many; do
    say "$subject"
    make_data "$subject"
    # ext4 without a journal gives out no inode that was given back within the last minute, or five, and looks at each:
    # where 10,000 files were removed, whoever makes as many, cp too, spends most of the time on that. So they are put
    # aside; a second run should wait as long.
    fresh="if [ -d '$base/out' ]; then mv '$base/out' '$base/aside/'\$(date +%N); fi; sync --file-system '$base'"
    if [[ $subject != many ]]; then fresh="rm -rf '$base/out'; sync --file-system '$base'"; fi
    # `cp` leaves the writing to the kernel, and so does --no-sync; with it, both wait for the device.
    row "extract, $subject" "$fresh" \
        "extract --no-sync" "'$modelbuild' extract '$base/layout' '$base/out' -q --no-sync --no-cache" \
        "cp -r" "cp -r '$base/in' '$base/out'"
    row "extract, $subject, synced" "$fresh" \
        extract "'$modelbuild' extract '$base/layout' '$base/out' -q --no-cache" \
        "cp -r + sync" "cp -r '$base/in' '$base/out' && sync --file-system '$base'"
    "$modelbuild" extract "$base/layout" "$base/out" -q --cache-dir "$base/cache" >/dev/null
    # What was written within two seconds is not trusted to be at rest.
    sleep 3
    "$modelbuild" extract "$base/layout" "$base/out" -q --cache-dir "$base/cache" >/dev/null
    row "extract, $subject, nothing changed" true \
        extract "'$modelbuild' extract '$base/layout' '$base/out' -q --cache-dir '$base/cache'" \
        find "find '$base/out' -printf '%s %T@ %p\n'"

    # The limits: what the cores hash in memory, where one message is hashed in order, and several go two to a core; and
    # what they hash of files, which the kernel copies to whoever reads them.
    "$limits" memory >"$base/rates.json"
    row "verify, $subject" true \
        verify "'$modelbuild' verify '$base/layout' -q" \
        "limits lanes" "'$limits' lanes \$(find '$base/in' -type f)" \
        digests "'$modelbuild' '$base/in' -f '$base/Modelfile' -q --no-cache --dry-run"
    jq -r --arg subject "$subject" --slurpfile rates "$base/rates.json" \
        --argjson bytes "$(du -sb "$base/layout/blobs" | cut -f 1)" --argjson cores "$(nproc)" \
        '(if $subject == "one" then $rates[0].sha2 else $rates[0].two_messages * $cores end) as $limit |
         ($bytes / .[0].wall / 1e9) as $rate |
         "verify, \($subject)\t\($rate * 100 | round / 100) GB/s\t\($rate / $limit * 100 | round / 100) of the limit (\($limit * 100 | round / 100) GB/s)"' \
        "$base/row.json"
    for command in "extract $base/layout $base/out2" "verify $base/layout"; do
        # shellcheck disable=SC2086
        /usr/bin/time -f %M -o "$base/memory" "$modelbuild" $command -q >/dev/null
        printf 'peak memory, %s, %s\t%s MiB\n' "$subject" "${command%% *}" $(($(<"$base/memory") / 1024))
    done
done
