#!/usr/bin/env bash
# Install what the outside checks of tests/ compare with: other people's tools, from Debian's archive, and from the
# Python and Rust package indexes (into target/oracles). Quick when everything is there. Debian 12 is where it is known to work.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(
    skopeo                                        # copies layouts and tarballs to a registry and back
    docker-registry                               # a real registry, started on loopback by the tests
    apache2-utils openssl                         # its users' passwords, its certificates
    curl                                          # judges the tests' own registry and proxy
    oci-image-tool                                # the image specification's own validator
    golang-github-opencontainers-image-spec-dev   # its JSON schemas
    umoci                                         # reads layouts
    libarchive-tools                              # bsdtar
    python3 python3-pip python3-venv              # tarfile, two clients, and two engines
    xfsprogs btrfs-progs e2fsprogs                # file systems that share blocks, and filefrag, which tells
    git git-lfs                                   # keep large files, and say whether they changed
    squashfs-tools                                # images, whose files have made-up times
    zsh fish                                      # read the completions
    strace                                        # sees how often a file is read
    hyperfine jq                                  # benches/
    make ninja-build                              # build by what --depfile says
    shellcheck                                    # reads the scripts here
    gzip zstd                                     # pack layers as other tools do
    chromium                                      # shows the page of `inspect --html`
    libssl-dev pkg-config                         # what the crate ocidir is built with
)
requirements=(
    modelpack-client==0.1.0 oras==0.2.43 jsonschema==4.26.0   # judges of artifacts
    onnxruntime==1.32.0 numpy==2.4.6 xllamacpp==2026.10.11549  # engines: ONNX, GGUF (llama.cpp, 34 MB, built already)
)
venv=target/oracles

missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || {
        echo "this is no Debian: install the counterparts of ${missing[*]} yourself" >&2
        exit 1
    }
    root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "run as root, or with sudo at hand: apt-get install ${missing[*]}" >&2
            exit 1
        }
        root=(sudo)
    fi
    echo "installing ${missing[*]}" >&2
    "${root[@]}" apt-get -qq update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

installed() {
    "$venv/bin/python" - "${requirements[@]}" <<'PYTHON' 2>/dev/null
import importlib.metadata, sys
sys.exit(any(importlib.metadata.version(name) != version for name, version in (r.split("==") for r in sys.argv[1:])))
PYTHON
}
if ! installed; then
    echo "installing ${requirements[*]} into $venv" >&2
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${requirements[@]}"
fi

# A judge of layouts and tarballs that is written in Rust, too: no cargo but this one knows of it.
ocidir=tests/oracles/ocidir
if [ ! -x "$venv/bin/ocidir-fsck" ] || [ -n "$(find "$ocidir" -newer "$venv/bin/ocidir-fsck" -print -quit)" ]; then
    command -v cargo >/dev/null || PATH=$HOME/.cargo/bin:$PATH
    echo "building ocidir-fsck into $venv" >&2
    cargo build --quiet --locked --manifest-path "$ocidir/Cargo.toml" --target-dir "$venv/ocidir"
    install "$venv/ocidir/debug/ocidir-fsck" "$venv/bin/ocidir-fsck"
fi

# A second registry, from a later suite of the archive that this machine uses: only the file is taken, and apt's own
# state is left alone. Later suites change, so that its test is left out, and says so, where there is none.
crane() {
    local work keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror options
    # shellcheck disable=SC2016 # apt-get expands it
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
    [ -n "$mirror" ] && [ -f "$keyring" ] || return 1
    work=$(mktemp -d)
    mkdir -p "$work"/{etc/preferences.d,etc/apt.conf.d,lists/partial,cache/archives/partial,root}
    : >"$work/status"
    echo "deb [signed-by=$keyring] $mirror forky main" >"$work/etc/sources.list"
    options=(
        -o Dir::Etc="$work/etc" -o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
        -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    )
    apt-get "${options[@]}" -qq update &&
        (cd "$work" && apt-get "${options[@]}" -qq download crane) &&
        dpkg -x "$work"/crane_*.deb "$work/root" &&
        cp "$work/root/usr/bin/crane" "$venv/bin/crane"
    local status=$?
    rm -rf "$work"
    return "$status"
}
if [ ! -x "$venv/bin/crane" ]; then
    echo "fetching crane into $venv" >&2
    crane >&2 || echo "crane cannot be had here; its test will be left out" >&2
fi
