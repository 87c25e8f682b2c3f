"""Rows of three classes, of which each may be there or not, told by numbers; some labels are lost, some added."""

import csv
import functools

import numpy as np

NAMES = ("sea", "sun", "city")


@functools.cache
def rows(count=120, seed=0):
    """Returns features [N, 3], true labels [N, 3] and given labels [N, 3] as 0 and 1."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((count, 3)) < (0.5, 0.4, 0.3)).astype(int)
    features = 3.0 * truth + rng.normal(size=(count, 3)) * 0.5
    given = truth.copy()
    wrong = rng.permutation(count * 3)[: count // 6]
    given.reshape(-1)[wrong] ^= 1
    return features.round(3), truth, given


def sets(labels):
    """Returns the labels of each row as a list of names."""
    return [[name for name, one in zip(NAMES, row, strict=True) if one] for row in labels.tolist()]


def write(path, labels, form="|", chosen=None):
    """Writes rows as CSV: labels with a sign between, or in columns of 0 and 1; all rows, or those numbered so."""
    features, _, _ = rows()
    np.save(path.with_suffix(".npy"), features)  # vectors need no trees
    head = ["id", "a", "b", "c", *(NAMES if form == "columns" else ["tags"])]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for row in range(len(features)) if chosen is None else chosen:
            told = labels[row].tolist() if form == "columns" else [form.join(sets(labels)[row])]
            writer.writerow([f"r{row}", *features[row].tolist(), *told])
    return path


def read(path):
    """Returns the rows of a CSV file as dictionaries."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
