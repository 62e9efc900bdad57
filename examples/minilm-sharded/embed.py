#!/usr/bin/env python3
"""Print how alike sentences are, from -1 to 1, by the vectors that the model beside this file gives them.

Usage: embed.py SENTENCE SENTENCE...         needs: numpy safetensors tokenizers
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent


def load_weights():
    """All tensors, each from the shard in which the index says it is."""
    where = json.loads((HERE / "model.safetensors.index.json").read_text())["weight_map"]
    shards = {name: load_file(HERE / name) for name in set(where.values())}
    return {tensor: shards[name][tensor] for tensor, name in where.items()}


def norm(x, w, name, eps):
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)
    return x * w[name + ".weight"] + w[name + ".bias"]


def linear(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def embed(sentence, w, config, tokenizer):
    """BERT's encoder, the mean over its tokens, length 1: what modules.json of the model describes."""
    ids = tokenizer.encode(sentence).ids
    heads, eps = config["num_attention_heads"], config["layer_norm_eps"]
    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)] + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, w, "embeddings.LayerNorm", eps)
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}."

        def split(name):
            return linear(x, w, layer + "attention.self." + name).reshape(len(ids), heads, -1).swapaxes(0, 1)

        query, key, value = split("query"), split("key"), split("value")
        score = np.exp(query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1]))
        mixed = (score / score.sum(-1, keepdims=True) @ value).swapaxes(0, 1).reshape(len(ids), -1)
        x = norm(x + linear(mixed, w, layer + "attention.output.dense"), w, layer + "attention.output.LayerNorm", eps)
        wide = gelu(linear(x, w, layer + "intermediate.dense"))
        x = norm(x + linear(wide, w, layer + "output.dense"), w, layer + "output.LayerNorm", eps)
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main():
    sentences = sys.argv[1:]
    if len(sentences) < 2:
        sys.exit(__doc__)
    weights, config = load_weights(), json.loads((HERE / "config.json").read_text())
    tokenizer = Tokenizer.from_file(str(HERE / "tokenizer.json"))
    tokenizer.no_padding()
    vectors = [embed(sentence, weights, config, tokenizer) for sentence in sentences]
    for number, sentence in enumerate(sentences[1:], 1):
        print(f"{vectors[0] @ vectors[number]:.3f}  {sentence}")


if __name__ == "__main__":
    main()
