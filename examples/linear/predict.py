"""Predicts with the model beside this file: python3 predict.py 3 prints 7.0."""

import json
import pathlib
import struct
import sys


def load(path):
    """The tensors of a safetensors file, for those that hold one float32."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    return {name: struct.unpack_from("<f", data, 8 + length + tensor["data_offsets"][0])[0] for name, tensor in header.items()}


tensors = load(pathlib.Path(__file__).with_name("model.safetensors"))
print(tensors["weight"] * float(sys.argv[1]) + tensors["bias"])
