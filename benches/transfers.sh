#!/usr/bin/env bash
# Times push and pull over loopback against skopeo and curl. See benches/README.md.
#
#   benches/transfers.sh [quick|full] [DIR]    DIR: where the data goes, default target/bench; needs 20 GB (quick: 4 GB)
#
# MODELBUILD=FILE times another binary, RUNS=N takes the median of N runs (default 5).
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/common.sh

size=${1:-quick}
base=$(realpath -m "${2:-target/bench}")/transfers
runs=${RUNS:-5}
case $size in
    quick) big=$((512 * mib)) count=40 ;;
    full) big=$((4096 * mib)) count=200 ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

needs jq time skopeo curl docker-registry
build
# At the tests' own optimisation: it only counts bytes.
servers=$(cargo test --locked --quiet --test servers --no-run --message-format=json |
    jq -r 'select(.target.name == "servers" and .executable).executable')

pids=()
leave() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$base"
}
trap leave EXIT
trap 'exit 130' INT TERM
rm -rf "$base"
mkdir -p "$base/one" "$base/many" "$base/data"

say "making data"
head -c "$big" /dev/urandom >"$base/one/model.gguf"
for ((i = 0; i < count; i++)); do
    head -c $((20 * mib)) /dev/urandom >"$base/many/$(printf 'shard-%05d.bin' "$i")"
done
printf 'NAME one\nMODEL *.gguf\n' >"$base/one/Modelfile"
printf 'NAME many\nMODEL *.bin\n' >"$base/many/Modelfile"
for what in one many; do
    "$modelbuild" "$base/$what" -o "$base/$what.layout" -t "$what:v1" -q --no-sync --link hard >/dev/null
    # The blobs that are worth a time, for curl.
    find "$base/$what.layout/blobs/sha256" -size +1M -printf '%f\n' >"$base/$what.blobs"
done

listen() { # FILE: waits for the line that says where
    for _ in {1..100}; do
        sed -n 's/.*listening on \(127[0-9.:]*\).*/\1/p' "$1" | head -1 | grep . && return
        sleep 0.1
    done
    return 1
}
# What it gives is what the layouts in there have, by their names.
"$servers" sink "$base" >"$base/sink.log" 2>&1 &
pids+=($!)
cat >"$base/registry.yml" <<YAML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: '$base/data'}, delete: {enabled: true}, maintenance: {uploadpurging: {enabled: false}}}
http: {addr: '127.0.0.1:0', secret: bench}
YAML
sed -i 's/level: warn/level: info/' "$base/registry.yml"
docker-registry serve "$base/registry.yml" >"$base/registry.log" 2>&1 &
pids+=($!)
sink=$(listen "$base/sink.log")
registry=$(listen "$base/registry.log")

# As curl sends: one request for each blob, four at a time.
cat >"$base/curl-push.sh" <<'SH'
set -eu
host=$1 repository=$2 layout=$3
push() {
    location=$(curl -sf -o /dev/null -w '%{redirect_url}%header{location}' -X POST "http://$host/v2/$repository/blobs/uploads/")
    case $location in /*) location=http://$host$location ;; esac
    case $location in *\?*) mark='&' ;; *) mark='?' ;; esac
    curl -sf -o /dev/null -H 'Content-Type: application/octet-stream' -T "$layout/blobs/sha256/$1" "$location${mark}digest=sha256:$1"
}
if [ $# -gt 3 ]; then push "$4"; else xargs -P 4 -I BLOB sh "$0" "$host" "$repository" "$layout" BLOB; fi
SH
cat >"$base/curl-pull.sh" <<'SH'
set -eu
host=$1 repository=$2 to=$3
mkdir -p "$to"
xargs -P 4 -I BLOB curl -sf -o "$to/BLOB" "http://$host/v2/$repository/blobs/sha256:BLOB"
SH

row() { # NAME PREPARE COMMAND...: medians of wall time, and time on a core
    local name=$1 prepare=$2 labels=(modelbuild skopeo curl) args=()
    shift 2
    for command in "$@"; do args+=("${labels[${#args[@]} / 2]}" "$command"); done
    turns "$base/row.json" "$runs" "$prepare" "${args[@]}"
    jq -r --arg name "$name" '(map({(.name): .}) | add) as $m |
        "\($name)\t" + (map("\(.name) \(.wall * 1000 | round) ms (\(.cores * 1000 | round) ms on cores)") | join("\t")) +
        "\t\($m.modelbuild.wall / $m.curl.wall * 100 | round / 100) x curl\t\($m.modelbuild.wall / $m.skopeo.wall * 100 | round / 100) x skopeo"' \
        "$base/row.json"
}

peak() { # NAME COMMAND...: the largest resident set of one process
    local name=$1 labels=(modelbuild skopeo curl) label=0
    shift
    for command in "$@"; do
        /usr/bin/time -f %M -o "$base/memory" sh -c "exec $command" >/dev/null
        printf 'peak memory, %s, %s\t%s MiB\n' "$name" "${labels[label++]}" $(($(<"$base/memory") / 1024))
    done
}

for what in one many; do
    layout=$base/$what.layout
    for to in "sink $sink" "docker-registry $registry"; do
        read -r name host <<<"$to"
        # $$ is another one in each run: a repository that has nothing yet.
        # shellcheck disable=SC2016
        row "push, $what, $name" "rm -rf '$base/data/docker'" \
            "'$modelbuild' push '$layout' $host/r\$\$:v1 -q --no-cache" \
            "skopeo copy -q --dest-tls-verify=false oci:$layout docker://$host/r\$\$:v1" \
            "sh '$base/curl-push.sh' $host r\$\$ '$layout' <'$base/$what.blobs'"
    done
    "$modelbuild" push "$layout" "$registry/source:v1" -q >/dev/null
    for from in "sink $sink $what.layout" "docker-registry $registry source"; do
        read -r name host repository <<<"$from"
        for synced in '' ', synced'; do
            option=--no-sync prepare="rm -rf '$base/out'" after=
            # modelbuild does that unasked. Nobody is to wait for what the one before has written.
            [[ -z $synced ]] || option='' prepare+=" && sync -f '$base'" after=" && sync -f '$base/out'"
            row "pull, $what, $name$synced" "$prepare" \
                "'$modelbuild' pull $host/$repository:v1 -o '$base/out' -q $option" \
                "skopeo copy -q --src-tls-verify=false docker://$host/$repository:v1 oci:$base/out:v1$after" \
                "sh '$base/curl-pull.sh' $host $repository '$base/out' <'$base/$what.blobs'$after"
        done
    done
    rm -rf "$base/out"
    peak "push, $what, sink" \
        "'$modelbuild' push '$layout' $sink/memory:v1 -q --no-cache" \
        "skopeo copy -q --dest-tls-verify=false oci:$layout docker://$sink/memory:v2" \
        "sh '$base/curl-push.sh' $sink memory '$layout' <'$base/$what.blobs'"
    peak "pull, $what" \
        "'$modelbuild' pull $registry/source:v1 -o '$base/out' -q" \
        "skopeo copy -q --src-tls-verify=false docker://$registry/source:v1 oci:$base/out-skopeo:v1" \
        "sh '$base/curl-pull.sh' $registry source '$base/out-curl' <'$base/$what.blobs'"
    rm -rf "$base"/out*
done
