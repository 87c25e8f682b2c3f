"""How far the flags of a run can be trusted, estimated on its trusted rows by cross-fitting.

The trusted rows are divided into folds. For each fold the whole training is repeated with the rows of that fold among
the untrusted ones, the other folds still trusted. A row of the fold is then treated exactly as any untrusted row is,
its label in the training batches included, so whether it gets flagged is a fair trial of the flags; and whether its
label is wrong is known. The trainings see fewer trusted rows than the run itself, which makes the estimate a little
pessimistic. A method that does not learn from trusted rows needs a single further training, all of them being in one
fold.

What label does a row of the fold carry? There are two cases.

* The data have labels of their own for the trusted rows, and some differ from the trusted ones (a second file that
  corrects some): each row carries that label. Precision is then the share of wrong labels among the flagged rows,
  recall the share of flagged rows among the wrong labels, with Wilson intervals. This says something about the other
  rows as far as the trusted rows are a random sample of all. A sign against it is that far more or fewer of them are
  flagged than of the others: then a warning says so.
* All trusted labels are the given ones (a column that marks right rows): no wrong label is there to be found. So half
  of the rows of a fold get a planted wrong label, drawn as often as the run's suggestions say that labels of the true
  class became another one. From the share `r` of planted errors that are flagged, the share `f` of right labels that
  are, and the share `F` of flagged rows among all untrusted ones follow the noise rate and the precision:

      noise = (F - f) / (r - f),  precision = r noise / F

  (W. J. Rogan and B. Gladen, "Estimating prevalence from the results of a screening test", American Journal of
  Epidemiology 107, 1978), with intervals from draws of r, f and F (Jeffreys). It assumes that planted errors are as
  hard to see as real ones; real ones are often harder, so recall is then rather an upper estimate.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.cleaning.proportions import between, wilson
from meta_noise.data.source import Source
from meta_noise.report.labels import columns

FEWEST = 10  # trusted rows below which nothing is estimated
DRAWS = 20_000
ODD = 4.0  # standard errors between flagged shares of trusted and of other rows from which they are told to differ


class Trial(NamedTuple):
    """What became of the trusted rows: `wrong` [n] bool, the label carried was wrong; `flagged` [n] bool."""

    wrong: np.ndarray
    flagged: np.ndarray


def unknown(why: str) -> dict[str, Any]:
    """Returns what the outputs say where precision and recall cannot be estimated."""
    return {"known": False, "why": why}


def cross_fit(
    source: Source,
    given: np.ndarray,
    labels: pa.Table,
    train: Callable[[Source, Path], pa.Table],
    folder: Path,
    folds: int,
    seed: int,
) -> dict[str, Any]:
    """Returns how far the flags of a run can be trusted, as results.json holds it.

    Args:
        source: the rows of the run, some of them trusted.
        given: [N] int classes as the data have them before trusted labels took their place, -1 where they have none.
        labels: the label table of the run.
        train: `(source, folder) -> label table`, the same training on other labels.
        folder: where the trainings may keep run folders.
        folds: 2 or more; 1 for a method that does not learn from trusted rows.
        seed: decides about folds and planted labels.
    """
    assert source.trusted is not None
    rng = np.random.default_rng([seed, 7])
    differs = source.trusted & (given >= 0) & (given != source.labels)
    planted = not differs.any()
    rows = np.flatnonzero(source.trusted if planted else source.trusted & (given >= 0))
    folds = min(folds, len(rows))
    fold_of = _folds(rng, source.labels[rows], folds)
    carried = given.copy()
    if planted:
        carried[rows] = _planted(rng, source.labels[rows], fold_of, label_noise(labels))
    wrong, flagged = carried[rows] != source.labels[rows], np.zeros(len(rows), bool)
    for fold in range(folds):
        mine = rows[fold_of == fold]
        changed, trusted = source.labels.copy(), source.trusted.copy()
        changed[mine], trusted[mine] = carried[mine], False
        table = train(source._replace(labels=changed, trusted=trusted), folder / f"fold-{fold + 1}")
        places = pc.index_in(pa.array(source.ids[mine].tolist(), pa.string()), value_set=table["id"])
        flagged[fold_of == fold] = table["is_label_issue"].to_numpy()[places.to_numpy()]
    is_issue = labels["is_label_issue"].to_numpy()
    trial, others = Trial(wrong, flagged), (int(is_issue.sum()), len(is_issue))
    return {
        "known": True,
        "method": "planted errors" if planted else "errors of the trusted rows",
        "folds": folds,
        "trusted_rows": len(rows),
        **(from_planted(trial, *others) if planted else from_errors(trial, *others)),
    }


def from_errors(trial: Trial, flagged: int, count: int) -> dict[str, Any]:
    """Returns precision, recall and noise rate counted on trusted rows; `flagged` of `count` other rows are flagged."""
    hits = int(np.sum(trial.wrong & trial.flagged))
    seen = int(trial.flagged.sum())
    found: dict[str, Any] = {
        "precision": wilson(hits, seen),
        "recall": wilson(hits, int(trial.wrong.sum())),
        "false_alarms": wilson(seen - hits, int(np.sum(~trial.wrong))),
        "noise_rate": wilson(int(trial.wrong.sum()), len(trial.wrong)),
    }
    share, mine = (flagged + seen) / (count + len(trial.wrong)), seen / len(trial.wrong)
    error = np.sqrt(share * (1 - share) * (1 / len(trial.wrong) + 1 / max(count, 1)))
    if abs(mine - flagged / max(count, 1)) > ODD * error:
        found["warning"] = (
            f"{mine:.0%} of the trusted rows are flagged, but {flagged / count:.0%} of the others: the trusted rows "
            "are no random sample, so precision and noise rate may be far from those of the other rows."
        )
    return found


def from_planted(trial: Trial, flagged: int, count: int) -> dict[str, Any]:
    """Returns the same from planted errors; noise rate and precision are None where the flags tell nothing apart."""
    hits, planted = int(np.sum(trial.wrong & trial.flagged)), int(trial.wrong.sum())
    alarms, right = int(np.sum(~trial.wrong & trial.flagged)), int(np.sum(~trial.wrong))
    found = {"recall": wilson(hits, planted), "false_alarms": wilson(alarms, right)}
    r, f, share = hits / max(planted, 1), alarms / max(right, 1), flagged / max(count, 1)
    if not flagged or r <= f:
        return {"precision": None, **found, "noise_rate": None}
    rng = np.random.default_rng(0)
    draw_r, draw_f, draw_share = (
        rng.beta(k + 0.5, n - k + 0.5, DRAWS) for k, n in ((hits, planted), (alarms, right), (flagged, count))
    )
    noise = _noise(r, f, share)
    draws = _noise(draw_r, draw_f, draw_share)
    precision = between(float(r * noise / share), draw_r * draws / draw_share)
    return {"precision": precision, **found, "noise_rate": between(float(noise), draws)}


def label_noise(labels: pa.Table) -> np.ndarray:
    """Returns [C, C]: how often a suggested class comes with which given one; suggestions stand for the truth.

    Rows sum to one. A tenth of a row is added to every cell, so that no error is thought impossible.
    """
    table = columns(labels)
    counts = np.full((len(table.class_names),) * 2, 0.1)
    np.add.at(counts, (table.suggested, table.given), 1)
    return counts / counts.sum(axis=1, keepdims=True)


def _noise(r: Any, f: Any, share: Any) -> Any:
    return np.clip((share - f) / np.maximum(r - f, 1e-6), 0, 1)


def _folds(rng: np.random.Generator, classes: np.ndarray, folds: int) -> np.ndarray:
    """Returns the fold [n] of each row; every class is spread over the folds as evenly as it can be."""
    order = np.lexsort((rng.random(len(classes)), classes))
    fold = np.empty(len(classes), int)
    fold[order] = np.arange(len(classes)) % folds
    return fold


def _planted(rng: np.random.Generator, classes: np.ndarray, fold: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Returns the classes [n] with a wrong one in every second row of each fold, drawn by `noise` [true, given]."""
    carried = classes.copy()
    for number in np.unique(fold):
        mine = rng.permutation(np.flatnonzero(fold == number))
        for row in mine[: (len(mine) + 1) // 2]:
            chances = np.where(np.arange(len(noise)) == classes[row], 0, noise[classes[row]])
            carried[row] = rng.choice(len(noise), p=chances / chances.sum())
    return carried
