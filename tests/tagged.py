"""Sentences of a small made language with tags, some of them wrong."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PEOPLE, PLACES = ("Adamu", "Bello", "Chidi", "Dayo"), ("Kano", "Lagos", "Abuja", "Jos")
VERBS, FAMILIES = ("visited", "left", "saw", "praised"), ("Musa", "Okoro", "Sani")


def sentences(count=80, seed=0):
    """Returns sentences of (word, tag): a person with or without a family name, a verb, a place, a full stop."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        words = [(rng.choice(PEOPLE), "B-PER")]
        words += [(rng.choice(FAMILIES), "I-PER")] if rng.random() < 0.5 else []
        words += [(rng.choice(VERBS), "O"), ("the", "O"), ("town", "O"), (rng.choice(PLACES), "B-LOC"), (".", "O")]
        found.append([(str(word), tag) for word, tag in words])
    return found


def with_wrong(clean, share=0.08, seed=1):
    """Returns the sentences with some tags of persons and places exchanged or lost, and which tokens these are."""
    rng = np.random.default_rng(seed)
    other = {"B-PER": "B-LOC", "B-LOC": "O", "I-PER": "O", "O": "O"}
    noisy, wrong = [], []
    for sentence in clean:
        drawn = rng.random(len(sentence)) < share * 2
        noisy.append([(word, other[tag] if hit else tag) for (word, tag), hit in zip(sentence, drawn, strict=True)])
        wrong += [one != two for one, two in zip(noisy[-1], sentence, strict=True)]
    return noisy, np.array(wrong)


def write(path, found, sign="\t", end="\n"):
    """Writes sentences as a file of tokens and tags."""
    text = end.join("".join(f"{word}{sign}{tag}{end}" for word, tag in sentence) for sentence in found)
    path.write_bytes(text.encode())
    return path


def as_rows(found):
    """Returns sentences as rows of lists."""
    return [
        {"id": place, "tokens": [word for word, _ in one], "ner_tags": [tag for _, tag in one]}
        for place, one in enumerate(found)
    ]


def write_lists(path, found):
    """Writes sentences as JSON lines or Parquet with lists of tokens and of tags."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(as_rows(found)), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in as_rows(found)))
    return path


def read_lists(path):
    """Returns the rows of such a file."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    return [json.loads(line) for line in path.read_text().splitlines()]
