#!/usr/bin/env bash
# Begin the corpus of each target with artifacts that are whole, so that a fuzzer need not find out what JSON or a tar is.
#
# Usage: fuzz/seeds.sh [MODELBUILD]        target/debug/modelbuild
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
modelbuild=$(realpath "${1:-$here/../target/debug/modelbuild}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p "$here"/corpus/{documents,index,layer,tarball,verify} model/docs

printf 'GGUF\3\0\0\0' >model/m.gguf
echo '{"model_type":"tiny"}' >model/config.json
echo '{{ messages }}' >model/chat.jinja
echo hello >model/docs/README.md
printf '%s\n' 'NAME tiny' 'PARAMSIZE 8B' 'LICENSE MIT' 'MODEL m.gguf' 'CONFIG config.json' 'TEMPLATE chat.jinja' 'DOC docs' \
    >model/Modelfile

# The file of a blob, by a manifest's text that has a digest in it.
blob() {
    echo "$1/blobs/sha256/$(grep -o 'sha256:[0-9a-f]*' "$2" | sed -n "$3p" | cut -d: -f2)"
}

# Parts with a line of `%%` between two, as the target `verify` reads them.
joined() {
    cat "$1"
    shift
    for part; do
        printf '\n%%%%\n'
        cat "$part"
    done
}

for how in '--spec modelpack' '--spec docker' '--tar'; do
    name=${how##*-}
    name=${name#spec }
    # shellcheck disable=SC2086 # two words
    "$modelbuild" build model -q --no-cache $how -o "$name" -o "$name.tar" -t tiny:v1 >/dev/null
    cp "$name.tar" "$here/corpus/tarball/$name"
    manifest=$(blob "$name" "$name/index.json" 1)
    mapfile -t digests < <(grep -o '"digest":"sha256:[0-9a-f]*' "$manifest" | cut -d: -f3)
    parts=("$manifest")
    for digest in "${digests[@]}"; do
        parts+=("$name/blobs/sha256/$digest")
    done
    { cat "${parts[0]}" && printf '\0' && cat "${parts[1]}"; } >"$here/corpus/documents/$name"
    { sed -E 's/sha256:[0-9a-f]+/sha256:BLOB/; s/"size":[0-9]+/"size":SIZE/' "$name/index.json" && printf '\0' && cat "$manifest"; } \
        >"$here/corpus/index/$name"
    script='' number=1
    for digest in "$(basename "$manifest")" "${digests[@]}"; do
        script+="s/(\"digest\":\"sha256:$digest\",\"size\":)[0-9]+/\\1#$number/g; s/sha256:$digest/@$number/g; "
        number=$((number + 1))
    done
    for part in "$name/index.json" "${parts[@]:0:2}"; do
        sed -i -E "$script" "$part"
    done
    joined "$name/index.json" "${parts[@]}" >"$here/corpus/verify/$name"
done

tar --format=ustar --blocking-factor=1 --owner=0 --group=0 --mtime=@0 -cf packed.tar -C model docs m.gguf
gzip -n <packed.tar >packed.tar.gz
kind=0
for packed in model/m.gguf packed.tar packed.tar.gz; do
    # The first byte says how it is packed.
    { printf '%b' "\\x0$kind" 'd\0' && cat "$packed"; } >"$here/corpus/layer/$(basename "$packed")"
    kind=$((kind + 1))
done
{ printf 'gz:' && cat packed.tar; } >packed

manifest='"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"'
entry='{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"@1","size":#1}'
echo "{\"schemaVersion\":2,\"manifests\":[$entry]}" >index
# A compressed layer and a raw one, a ModelKit, what oras pushed, Docker's draft.
cat >compressed <<END
{$manifest,"artifactType":"application/vnd.cncf.model.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.model.config.v1+json","digest":"@2","size":#2},"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.tar+gzip","digest":"@3","size":#3},{"mediaType":"application/vnd.cncf.model.weight.config.v1.raw","digest":"@4","size":#4,"annotations":{"org.cncf.model.filepath":"config.json","org.cncf.model.file.metadata+json":"{\"name\":\"config.json\",\"mode\":420,\"uid\":0,\"gid\":0,\"size\":22,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}"}}]}
END
cat >compressed.config <<END
{"descriptor":{"createdAt":"2025-01-01T00:00:00Z","name":"x"},"modelfs":{"type":"layers","diffIds":["~3","@4"]},"config":{"format":"gguf"}}
END
joined index compressed compressed.config packed model/config.json >"$here/corpus/verify/compressed"
cat >kit <<END
{$manifest,"config":{"mediaType":"application/vnd.kitops.modelkit.config.v1+json","digest":"@2","size":#2},"layers":[{"mediaType":"application/vnd.kitops.modelkit.model.v1.tar+gzip","digest":"@3","size":#3},{"mediaType":"application/vnd.kitops.modelkit.docs.v1.tar","digest":"@4","size":#4}]}
END
cat >kit.config <<END
{"manifestVersion":"1.0.0","package":{"name":"x"},"model":{"path":"m.gguf","digest":"@3","diffId":"~3"},"docs":[{"path":"docs","digest":"@4"}]}
END
joined index kit kit.config packed packed.tar >"$here/corpus/verify/kit"
cat >oras <<END
{$manifest,"artifactType":"text/plain","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"@2","size":#2},"layers":[{"mediaType":"text/plain","digest":"@3","size":#3,"annotations":{"org.opencontainers.image.title":"a.txt"}}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"@4","size":#4}}
END
printf '{}' >empty
cat >draft <<END
{$manifest,"config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","digest":"@5","size":#5},"layers":[{"mediaType":"application/vnd.docker.ai.gguf.v3","digest":"@6","size":#6}]}
END
cat >draft.config <<END
{"config":{"format":"gguf","size":"8"},"files":[{"diffID":"@6","type":"application/vnd.docker.ai.gguf.v3"}]}
END
joined index oras empty model/docs/README.md draft draft.config model/m.gguf >"$here/corpus/verify/signed"
cat >nested <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"@4","size":#4,"annotations":{"quantization":"q4"}},{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"@2","size":#2}]}
END
sed 's/@1/@4/; s/#1/#4/' index >inner
sed 's/manifest.v1+json","digest/index.v1+json","digest/' index >outer
joined outer nested inner empty draft draft.config model/m.gguf >"$here/corpus/verify/nested"
