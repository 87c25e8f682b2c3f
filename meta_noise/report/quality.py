"""What is said of the label of each row, from what the trained network predicts and what training saw.

For row `i` of the given class `y_i`:

    p_ic         probability of class c by the trained network, the one of the selected epoch
    q_i          mean probability of y_i in the last training passes over the row
    quality_i    = (p_i,y_i + q_i) / 2;  p_i,y_i where no training pass saw the row
    predicted_i  = argmax_c p_ic;  the first of equal ones
    suggested_i  = the method's corrected label t_i where that is more certain than p_i,predicted; else predicted_i
    issue_i      = neither predicted_i nor suggested_i is y_i, and quality_i < 1/2

Own data have scores from predictions that never learned the label of the row (`Scores`) in the place of these: what a
network learned by heart says nothing of a label.

The trained network alone may have learned a wrong label by heart, and the passes alone are noisy; a label must convince
in both.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

QUALITY_LIMIT = 0.5


class Targets(NamedTuple):
    """The labels that a method corrected.

    Attributes:
        classes: [N] int class, -1 for a row without one.
        probability: [N] how certain the class is, 0..1; anything for a row without one.
    """

    classes: np.ndarray
    probability: np.ndarray


class Scores(NamedTuple):
    """What is said of N rows before any network is trained; it takes the place of the equations above.

    Attributes:
        quality: [N] in 0..1, how far the given label can be believed.
        is_issue: [N] bool, the label looks wrong; None where nothing was found out.
        suggested: [N] int class.
        probability: [N] of the suggested class, 0..1.
        learned: [N] int class that a network may learn in place of the given one.
        found: further sections of results.json.
        ask: ids of rows in the order in which to ask people about them.
    """

    quality: np.ndarray
    is_issue: np.ndarray | None
    suggested: np.ndarray
    probability: np.ndarray
    learned: np.ndarray
    found: Mapping[str, Any] = {}
    ask: tuple[str, ...] = ()

    def taken(self, rows: np.ndarray) -> "Scores":
        """Returns the scores of the given row numbers."""
        is_issue = None if self.is_issue is None else self.is_issue[rows]
        parts = self.suggested[rows], self.probability[rows], self.learned[rows]
        return Scores(self.quality[rows], is_issue, *parts, self.found, self.ask)


class Suggested(NamedTuple):
    """Predicted and suggested labels.

    Attributes:
        predicted: [N] int class.
        classes: [N] int suggested class.
        probability: [N] of the suggested class, 0..1.
    """

    predicted: np.ndarray
    classes: np.ndarray
    probability: np.ndarray


def label_quality(
    probabilities: np.ndarray, given: np.ndarray, in_training: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """Returns how far given labels can be believed, [N] float64 in 0..1, by the equation of `quality` above.

    Args:
        probabilities: [N, C] of the trained network.
        given: [N] int class.
        in_training: [N] mean probability of the given class in training passes.
        seen: [N] bool, whether any training pass saw the row.
    """
    trained = probabilities[np.arange(len(given)), given].astype(np.float64)
    return np.where(seen, (trained + in_training) / 2, trained).clip(0, 1)


def suggest(probabilities: np.ndarray, targets: Targets | None = None) -> Suggested:
    """Returns predicted and suggested labels, by the equations above.

    Args:
        probabilities: [N, C] of the trained network.
        targets: of a method that corrects labels; a row keeps the prediction unless its target is more certain.
    """
    predicted = probabilities.argmax(axis=1)
    probability = probabilities[np.arange(len(predicted)), predicted].astype(np.float64)
    if targets is None:
        return Suggested(predicted, predicted, probability)
    classes, certainty = np.asarray(targets.classes), np.asarray(targets.probability, np.float64)
    better = (classes >= 0) & (certainty > probability)
    return Suggested(predicted, np.where(better, classes, predicted), np.where(better, certainty, probability))


def looks_wrong(predicted: np.ndarray, given: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Returns which labels look wrong to the network, [N] bool: predicted is not given, quality below 1/2; all [N]."""
    return (predicted != given) & (quality < QUALITY_LIMIT)
