"""Whether anything was found out at all, and what would help."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

LEAST_AGREEMENT = 0.06
ENOUGH = 20  # trusted rows that can overrule what given labels say


class Worth(NamedTuple):
    """Verdict: whether the answer is worthless, why in a sentence, and what would help in another."""

    worthless: bool
    reason: str = ""
    help: str = ""


BETTER_INPUTS = (
    "Better inputs would help: features of a pretrained model (--features), or more of what tells classes apart."
)
TRUSTED = "Some dozens of rows drawn at random and checked by a person would help (meta-noise queue, then ingest)."


def worth_of_inputs(near: np.ndarray) -> Worth:
    """Returns the verdict on inputs [N, D] alone: nothing is found out from rows that are all the same."""
    if not len(near) or np.allclose(near, near[:1], atol=1e-6):
        return Worth(
            True, "All rows have the same inputs, so nothing tells right labels from wrong ones.", BETTER_INPUTS
        )
    return Worth(False)


def worth_of_agreement(agreement: float) -> Worth:
    """Returns the verdict on predictions that agree with this share of the given labels, 0..1."""
    if agreement <= LEAST_AGREEMENT:
        return Worth(True, f"Predictions agree with only {agreement:.1%} of the given labels.", BETTER_INPUTS)
    return Worth(False)


def worth_of_predictions(p: np.ndarray, given: np.ndarray) -> Worth:
    """Returns the verdict on out-of-fold p(given | x) [n, C]: they have to beat naming the largest class."""
    share = np.bincount(given, minlength=p.shape[1]) / len(given)
    agreement = float(np.mean(p.argmax(axis=1) == given))
    gain = np.log(np.maximum(p[np.arange(len(p)), given], 1e-9)) - np.log(share[given])
    if agreement <= LEAST_AGREEMENT:
        return worth_of_agreement(agreement)
    if gain.mean() <= 2 * gain.std() / len(gain) ** 0.5 and agreement <= share.max() + 2 * (0.25 / len(gain)) ** 0.5:
        reason = f"Predictions are no better than naming the largest class ({share.max():.0%} of the rows)."
        return Worth(True, reason, BETTER_INPUTS)
    return Worth(False)


def worth_on_trusted(doubt: np.ndarray, wrong: np.ndarray) -> Worth:
    """Returns the verdict of trusted rows: doubt [n], predicted without their true label, against `wrong` [n] bool.

    It is worthless where wrong labels are not doubted more than right ones; fewer than five of either tell nothing.
    """
    if min(wrong.sum(), (~wrong).sum()) < 5:
        return Worth(False)
    area = float(roc_auc_score(wrong, doubt))
    error = np.sqrt((len(wrong) + 1) / (12 * wrong.sum() * (~wrong).sum()))
    if area < 0.5 + error:
        reason = f"On {len(wrong)} trusted rows the ranking is no better than chance (area under the curve {area:.2f})."
        return Worth(True, reason, BETTER_INPUTS)
    return Worth(False)


def worth_of_flags(is_issue: np.ndarray, given: np.ndarray, high: float) -> Worth:
    """Returns the verdict on flags [N]: more than half of all, or all of a class, is no finding.

    `high` is the upper end of the noise rate that trusted rows show; where they allow for so many, nothing is said.
    Without trusted rows give 0.
    """
    share = float(is_issue.mean())
    if share > max(0.5, high):
        return Worth(True, f"{share:.0%} of the labels would be flagged, more than can be true of usual data.", TRUSTED)
    rows = np.bincount(given)
    flagged = np.bincount(given, weights=is_issue, minlength=len(rows))
    whole = np.flatnonzero((rows >= 10) & (flagged >= rows))
    if len(whole) and high < 0.5:
        return Worth(True, f"Every row of {len(whole)} of the classes would be flagged.", TRUSTED)
    return Worth(False)


def first_worthless(*verdicts: Worth) -> Worth:
    """Returns the first verdict that says worthless, else that it is not."""
    return next((verdict for verdict in verdicts if verdict.worthless), Worth(False))
