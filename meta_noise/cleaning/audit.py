"""Counts, duplicates, noise and trusted rows of a user's data, as one dictionary for JSON."""

from typing import Any

import numpy as np

from meta_noise.cleaning.annotators import annotators_of
from meta_noise.cleaning.noise import NoiseEstimate
from meta_noise.cleaning.own_noise import labelled, noise_of, sampled, steady
from meta_noise.data.own import Own

SHOWN = 20  # duplicates, unreadable rows, confused pairs that are listed
ENOUGH, FEW = 10, 3  # trusted rows of a class


def inspect(own: Own) -> dict[str, Any]:
    """Returns what can be told about noisy labels without training the network.

    Keys: `data`, `classes` (rows, trusted rows and noise of each), `duplicates`, `unreadable`, `noise` (rate with an
    interval, and how it was told), `confused` (pairs of classes), `trusted` (verdicts as sentences), and `annotators`
    where rows have several labels.
    """
    noise, found = _noise(own)
    return {
        "data": _data(own),
        "classes": _classes(own, found),
        "duplicates": _duplicates(own),
        "unreadable": {
            "rows": len(own.skipped),
            "examples": [one._asdict() for one in own.skipped[:SHOWN]],
        },
        "noise": noise,
        "confused": _confused(own, found),
        "trusted": _trusted(own),
        "notes": list(own.notes),
        **annotators_of(own),
    }


def _data(own: Own) -> dict[str, Any]:
    return {
        "name": own.source.name,
        "kind": own.kind,
        "rows": len(own.source.labels),
        "classes": len(own.class_names),
        "trusted_rows": 0 if own.source.trusted is None else int(own.source.trusted.sum()),
        "test_rows": 0 if own.test is None else len(own.test.labels),
        "input_shape": None if own.kind == "texts" else list(own.source.inputs.shape[1:]),
    }


def _noise(own: Own) -> tuple[dict[str, Any], NoiseEstimate | None]:
    """Returns the section `noise`, and the estimate behind it, None where nothing can be told."""
    with steady():
        section, found = noise_of(labelled(own, sampled(own)), len(own.class_names))
    return section, None if section["rate"] is None else found


def _classes(own: Own, found: NoiseEstimate | None) -> list[dict[str, Any]]:
    classes = len(own.class_names)
    labels, trusted = own.source.labels, own.source.trusted
    rows = np.bincount(labels, minlength=classes)
    checked = np.zeros(classes, int) if trusted is None else np.bincount(labels[trusted], minlength=classes)
    noise = [None] * classes if found is None else found.rate.classes[:, 0].tolist()
    return [
        {
            "name": name,
            "rows": int(rows[c]),
            "share": float(rows[c] / len(labels)),
            "trusted_rows": int(checked[c]),
            "noise_rate": noise[c],
        }
        for c, name in enumerate(own.class_names)
    ]


def _confused(own: Own, found: NoiseEstimate | None) -> list[dict[str, Any]]:
    """Returns the pairs of classes that are confused most, as shares of all rows."""
    if found is None or found.joint is None:
        return []
    off = found.joint * (1 - np.eye(len(found.joint)))
    pairs = [divmod(int(code), len(off)) for code in np.argsort(-off, axis=None)[:SHOWN]]
    return [
        {
            "given": own.class_names[given],
            "probably": own.class_names[true],
            "rows": round(float(off[true, given]) * len(own.source.labels)),
        }
        for true, given in pairs
        if off[true, given] * len(own.source.labels) >= 0.5
    ]


def _duplicates(own: Own) -> dict[str, Any]:
    names = dict(zip(own.source.ids.tolist(), own.source.labels.tolist(), strict=True))
    if own.test is not None:
        names |= dict(zip(own.test.ids.tolist(), own.test.labels.tolist(), strict=True))
    labels = [[own.class_names[names[one]] for one in group] for group in own.duplicates]
    conflicts = [place for place, found in enumerate(labels) if len(set(found)) > 1]
    shown = (conflicts + [place for place in range(len(labels)) if len(set(labels[place])) == 1])[:SHOWN]
    return {
        "groups": len(own.duplicates),
        "rows": sum(map(len, own.duplicates)),
        "groups_with_different_labels": len(conflicts),
        "examples": [{"ids": list(own.duplicates[place]), "labels": labels[place]} for place in shown],
    }


def _trusted(own: Own) -> dict[str, Any]:
    """Returns whether the trusted rows are enough for a method that learns from them, and why not."""
    trusted, classes = own.source.trusted, len(own.class_names)
    if trusted is None:
        advice = f"check {ENOUGH} rows of each class, drawn at random, for better labels and to learn how good they are"
        return {"enough": False, "verdicts": [f"No row is trusted. Methods without trusted rows run; {advice}."]}
    counts = np.bincount(own.source.labels[trusted], minlength=classes)
    verdicts = []
    for limit, what in (
        (1, "have no trusted row"),
        (FEW, f"have fewer than {FEW}"),
        (ENOUGH, f"have fewer than {ENOUGH}"),
    ):
        short = [own.class_names[c] for c in np.flatnonzero(counts < limit)]
        if short:
            names = ", ".join(short[:8]) + (", ..." if len(short) > 8 else "")
            verdicts.append(f"{len(short)} of {classes} classes {what}: {names}.")
            break
    if counts.max() > 5 * max(counts.min(), 1):
        verdicts.append(f"They are unbalanced: {counts.min()} to {counts.max()} rows of a class; check rare classes.")
    enough = not verdicts
    said = f"{int(counts.sum()):,} trusted rows, {counts.min()} or more of each class: enough."
    return {"enough": enough, "verdicts": verdicts or [said]}
