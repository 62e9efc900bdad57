#!/usr/bin/env bash
# Times modelbuild against this machine's own limits. See benches/README.md.
#
#   benches/run.sh [quick|full] [DIR]      DIR: where the data goes, default target/bench; needs 18 GB (quick: 2 GB)
#
# MODELBUILD=FILE times another binary, RUNS=N takes the median of N runs (default 5), PLACES="disk tmpfs xfs" picks.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/common.sh

size=${1:-quick}
base=$(realpath -m "${2:-target/bench}")
runs=${RUNS:-5}
case $size in
    quick) big=$((512 * mib)) huge=$big shard=$((128 * mib)) count=1250 ;;
    full) big=$((4096 * mib)) huge=$((2 * big)) shard=$((1024 * mib)) count=10000 ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
small=10240

needs jq python3
build
limits=$(cargo bench --bench limits --no-run --locked --quiet --message-format=json |
    jq -r 'select(.target.name == "limits" and .executable).executable')

mkdir -p "$base"
results=$base/results
rm -rf "$results"
mkdir "$results"

work='' mounted='' device=''
leave_place() {
    [[ -z $mounted ]] || umount "$mounted" || umount --lazy "$mounted"
    [[ -z $device ]] || losetup --detach "$device"
    [[ -z $work ]] || rm -rf "$work" "$base/xfs.image"
    work='' mounted='' device=''
}
trap leave_place EXIT
trap 'exit 130' INT TERM

skip() {
    say "$1: skipped: $2"
    printf '%s: %s\n' "$1" "$2" >>"$results/skipped"
}

# Sets $work to an empty directory on the file system asked for. Fails, having said why, where there is none.
enter_place() {
    local need=$((2 * big + 512 * mib))
    [[ $1 != disk ]] || need=$((2 * huge + 1024 * mib))
    case $1 in
        disk) work=$(mktemp -d "$base/disk.XXXXXX") ;;
        tmpfs)
            [[ -d /dev/shm && -w /dev/shm ]] || { skip tmpfs "there is no /dev/shm"; return 1; }
            local kib
            kib=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
            ((kib * 1024 > need + need / 4)) || { skip tmpfs "needs $((need / mib)) MiB of free memory"; return 1; }
            work=$(mktemp -d /dev/shm/modelbuild-bench.XXXXXX)
            ;;
        xfs)
            ((EUID == 0)) || { skip xfs "only root can mount an image"; return 1; }
            command -v mkfs.xfs >/dev/null || { skip xfs "needs mkfs.xfs (apt install xfsprogs)"; return 1; }
            work=$(mktemp -d "$base/xfs.XXXXXX")
            # XFS keeps some of it for its log and its own tables.
            truncate --size $((need + need / 10 + 256 * mib)) "$base/xfs.image"
            mkfs.xfs -q "$base/xfs.image"
            # Direct, or every block is in the page cache twice: as the image's and as the file's.
            if ! device=$(losetup --find --show --direct-io=on "$base/xfs.image" 2>/dev/null) ||
                ! mount "$device" "$work" 2>/dev/null; then
                skip xfs "this system refuses to mount an image"
                leave_place
                return 1
            fi
            mounted=$work
            ;;
        *) say "no such place: $1"; exit 2 ;;
    esac
    local free
    free=$(($(stat --file-system --format '%a * %S' "$work")))
    ((free > need)) || { skip "$1" "needs $((need / mib)) MiB free in $work"; leave_place; return 1; }
}

make_data() {
    rm -rf "${work:?}"/*
    mkdir "$work/in"
    case $1 in
        big) head -c "$big" /dev/urandom >"$work/in/model.gguf" ;;
        huge) head -c "$huge" /dev/urandom >"$work/in/model.gguf" ;;
        tiny) for n in 1 2 3; do head -c $small /dev/urandom >"$work/in/model-$n.gguf"; done ;;
        four) for n in 1 2 3 4; do head -c "$shard" /dev/urandom >"$work/in/model-0000$n-of-00004.gguf"; done ;;
        many)
            mkdir "$work/in/data"
            head -c $((count * small)) /dev/urandom |
                (cd "$work/in/data" && split --bytes $small --numeric-suffixes --suffix-length 5 --additional-suffix .bin - part-)
            # A hundred files to a directory, as data sets have it.
            (cd "$work/in/data" && for part in *.bin; do
                directory=${part:5:3}
                [[ -d $directory ]] || mkdir "$directory"
                echo "$part $directory/$part"
            done | xargs -n 2 mv)
            ;;
    esac
    if [[ $1 == many ]]; then echo "DATASET data"; else echo "MODEL *.gguf"; fi >"$work/Modelfile"
    sync --file-system "$work"
}

# Peak resident memory in KiB. python3's own 10 MB are the least it can show: the child begins as its copy.
peak() {
    python3 - "$@" <<'PYTHON'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PYTHON
}

measure() {
    local place=$1 subject=$2 out=$work/out
    local build="$modelbuild $work/in -f $work/Modelfile -q --progress none --no-cache"
    local -a commands=(
        --command-name digests "$build --dry-run"
        --command-name layout "$build -o $out"
        --command-name layout-nosync "$build --no-sync -o $out"
        --command-name tarball "$build -o $out.tar"
        --command-name stdout "$build -o -"
        --command-name cp "cp -r $work/in $out"
        --command-name cp-sync "sh -c 'cp -r $work/in $out && sync --file-system $work'"
    )
    local inputs="$work/in/*.gguf"
    case $subject in
        big) commands+=(--command-name read "sh -c '$limits read $inputs'" --command-name sha2 "sh -c '$limits sha2 $inputs'") ;;
        four) commands+=(--command-name sha2 "sh -c '$limits sha2 $inputs'") ;;
    esac
    # What the run before left unwritten must not fall on the next one.
    hyperfine --shell none --style basic --warmup 1 --runs "$runs" \
        --prepare "sh -c 'rm -rf $out $out.tar && sync --file-system $work'" \
        --export-json "$results/$place.$subject.json" "${commands[@]}" >&2

    # The same from the device. `cat` reads in as many threads as there are cores, the files in their order.
    hyperfine --shell none --style basic --runs "$runs" \
        --prepare "sh -c 'rm -rf $out && sync --file-system $work && python3 benches/forget.py $work/in'" \
        --export-json "$results/$place.$subject.cold.json" \
        --command-name digests-cold "$build --dry-run" \
        --command-name layout-cold "$build -o $out" \
        --command-name read-cold "sh -c 'find $work/in -type f -print0 | xargs -0 -n 64 -P $(nproc) cat >/dev/null'" \
        --command-name cp-cold "cp -r $work/in $out" >&2

    local output
    for output in --dry-run "-o $out" "-o $out.tar" "-o -"; do
        rm -rf "$out" "$out.tar"
        # shellcheck disable=SC2086 # words are meant to split
        printf '%s\t%s\t%s\t%s\n' "$place" "$subject" "${output/$work\//}" "$(peak $build $output)" >>"$results/peak.tsv"
    done
}

# Builds once, and then again and again with nothing changed, or one file.
measure_again() {
    local place=$1 subject=$2 out=$work/out
    local -a build=("$modelbuild" "$work/in" -f "$work/Modelfile" -q --progress none)
    local -a cached=("${build[@]}" --cache-dir "$work/cache")
    local -a commands=(
        --command-name again "${cached[*]} -o $out"
        --command-name again-hashing "${build[*]} --no-cache -o $out"
        --command-name find "find $work/in -printf '%s %T@ %p\\n'"
    )
    rm -rf "$out" "$out.tar"
    # What was written within two seconds is not trusted to be at rest.
    sleep 3
    "${cached[@]}" -o "$out" >/dev/null
    if [[ $subject != huge ]]; then
        "${cached[@]}" -o "$out.tar" >/dev/null
        commands+=(--command-name again-tarball "${cached[*]} -o $out.tar")
    fi
    hyperfine --shell none --style basic --warmup 1 --runs "$((3 * runs))" \
        --export-json "$results/$place.$subject.again.json" "${commands[@]}" >&2
    printf '%s\t%s\tagain\t%s\n' "$place" "$subject" "$(peak "${cached[@]}" -o "$out")" >>"$results/peak.tsv"
    if [[ $subject == many ]]; then
        hyperfine --shell none --style basic --warmup 1 --runs "$((3 * runs))" \
            --prepare "sh -c 'echo more >>$work/in/data/000/part-00000.bin'" \
            --export-json "$results/$place.$subject.changed.json" --command-name one-changed "${cached[*]} -o $out" >&2
    fi
}

for place in ${PLACES:-disk tmpfs xfs}; do
    enter_place "$place" || continue
    for subject in big four many; do
        say "$place: $subject"
        make_data "$subject"
        "$limits" memory >>"$results/memory.jsonl"
        measure "$place" "$subject"
        "$limits" memory >>"$results/memory.jsonl"
        [[ $subject != many ]] || measure_again "$place" "$subject"
    done
    if [[ $place == disk ]]; then
        for subject in tiny huge; do
            say "$place: $subject, again"
            make_data "$subject"
            measure_again "$place" "$subject"
        done
    fi
    leave_place
done

python3 benches/table.py "$results" "$size" "$big" "$huge" "$shard" "$count" "$runs" | tee "$base/results.md"
say "written to $base/results.md"
