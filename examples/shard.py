#!/usr/bin/env python3
"""Split one safetensors file into shards with an index, as large models are published.

Usage: shard.py MODEL.safetensors DIRECTORY COUNT

The biggest tensor goes first into the emptiest shard, so the shards come out as even as the tensors allow. Needs
nothing but Python, and gives the same bytes each time. The tensors' bytes are copied, never interpreted.
"""

import json
import struct
import sys
from pathlib import Path


def read_header(file):
    """The tensors by name with their dtype, shape and offsets, and the offset at which the data begins."""
    (length,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return header, 8 + length


def size(tensor):
    begin, end = tensor["data_offsets"]
    return end - begin


def distribute(tensors, count):
    """Which tensors each shard holds, in the order of the original file: it keeps wide dtypes aligned."""
    shards = [[] for _ in range(count)]
    filled = [0] * count
    for name in sorted(tensors, key=lambda name: (-size(tensors[name]), name)):
        emptiest = filled.index(min(filled))
        shards[emptiest].append(name)
        filled[emptiest] += size(tensors[name])
    return [sorted(names, key=lambda name: tensors[name]["data_offsets"]) for names in shards]


def write_shard(path, names, tensors, data, source):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name in names:
        end = offset + size(tensors[name])
        header[name] = {**tensors[name], "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the data begins aligned, as the format asks for
    with path.open("wb") as shard:
        shard.write(struct.pack("<Q", len(text)) + text)
        for name in names:
            source.seek(data + tensors[name]["data_offsets"][0])
            shard.write(source.read(size(tensors[name])))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model, directory, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    where = {}
    with model.open("rb") as source:
        tensors, data = read_header(source)
        for number, names in enumerate(distribute(tensors, count), 1):
            shard = directory / f"{model.stem}-{number:05}-of-{count:05}.safetensors"
            write_shard(shard, names, tensors, data, source)
            where.update(dict.fromkeys(names, shard.name))
    total = sum(size(tensor) for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))}
    (directory / f"{model.stem}.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


if __name__ == "__main__":
    main()
