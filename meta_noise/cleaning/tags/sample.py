"""Some sentences drawn by chance, in a file of their own, for a person to put their tags right and to trust them."""

import json

import numpy as np

from meta_noise.cleaning.tags.trusted import sentences_of
from meta_noise.data.tagged import Tagged

COUNT = 20  # sentences


def sample_name(tagged: Tagged) -> str:
    """Returns the name of the file: lines are easy to edit, but hold no token with a blank or a tab."""
    return "sample.conll" if tagged.ending == ".conll" else "sample.jsonl"


def sample_of(tagged: Tagged, seed: int) -> bytes:
    """Returns the content of the file: `COUNT` sentences with their given tags, at most half of all."""
    drawn = np.random.default_rng(seed).permutation(tagged.sentences)[: min(COUNT, tagged.sentences // 2)]
    every = sentences_of(tagged)
    chosen = [every[place] for place in sorted(drawn.tolist())]
    if sample_name(tagged).endswith(".jsonl"):
        rows = (json.dumps({"tokens": words, "tags": tags}, ensure_ascii=False) + "\n" for words, tags in chosen)
        return "".join(rows).encode("utf-8", "surrogatepass")
    blocks = ("".join(f"{word}\t{tag}\n" for word, tag in zip(*one, strict=True)) for one in chosen)
    return "\n".join(blocks).encode("utf-8", "surrogatepass")
