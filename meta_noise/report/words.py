"""The words of the page that not everybody knows, each with what it means here."""

from collections.abc import Collection, Mapping
from typing import Any

from meta_noise.report.notices import is_pseudo_clean

OF_ANSWERS = (
    (
        "looks wrong",
        "Another class is more probable than the given label, and the class has that many errors.",
    ),
    ("label quality", "The probability that the given label is right, from 0 to 1."),
    ("suggestion", "The most probable other class; its probability says how sure it is."),
    ("trusted row", "A row whose label a person has checked. Only such rows tell how many flags are right."),
    ("candidate", "A quick way to predict labels. Each predicts rows that it has not learned; the best are combined."),
    ("score", "Mean logarithm of the probability of the true or given labels of held-out rows; 0 would be perfect."),
    (
        "average precision",
        "How well low quality finds wrong labels: 1 is perfect, the noise rate is chance.",
    ),
)
OF_TRAINING = (
    ("margin", "How far the network's score of the given label is above the best other one."),
    ("weight", "How much a row counts in training, 1 fully and 0 not at all."),
    ("outer loss", "The loss on clean rows, by which a method learns how to weight or correct the other rows."),
    ("transition", "How often rows of a true class have which given label."),
    ("gate", "A switch that lets a group of layers take part in one meta step; open in so many per cent of the steps."),
    ("meta-gradient", "How the loss on clean rows changes with what the method learns about labels."),
)
GUESSED = (
    ("pseudo-clean row", "A row that is taken for right because the network finds it easy; nobody has checked it."),
    ("mixture", "Two bell curves fitted to the losses of all rows, for easy and for hard ones."),
)


def words_of(results: Mapping[str, Any], names: Collection[str]) -> list[tuple[str, str]]:
    """Returns the words that the page of a run uses, with their meanings.

    Args:
        results: of results.json.
        names: of the columns of the label table.
    """
    found = list(OF_ANSWERS if isinstance(results.get("noise_estimate"), Mapping) else OF_ANSWERS[1:3])
    found += [pair for pair in OF_TRAINING if pair[0] not in ("margin", "weight") or pair[0] in names]
    return found + (list(GUESSED) if is_pseudo_clean(results) else [])
