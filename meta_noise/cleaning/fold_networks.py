"""Networks as candidates: trained on the rows of the other folds, so that no row is judged by its own label."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.choose import PLAIN, choose
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.config.schema import Clean
from meta_noise.data.own import Own
from meta_noise.runs.fitted import TrainingData
from meta_noise.runs.run import train_source

FOLDS = 3
METHODS = ("l2r", "mw_net", "mlc_lcn", "ieg")  # that trusted rows lead
FEWEST = 20  # trusted rows from which these are tried


def network(problem: Problem, own: Own, seed: int, share: float, method: str = PLAIN) -> np.ndarray:
    """Returns probabilities [N, C] by the network that suits the data, trained by a method on the other folds.

    They are p(given | x) where training is plain. Other methods learn the trusted rows of the other folds, too, and are
    believed of the true class. `share` of the usual epochs; wrong labels are learned by heart late, so a part is often
    better.
    """
    is_plain = method == PLAIN
    rows = own._replace(source=own.source._replace(trusted=None)) if is_plain else own
    chosen = choose(rows, method, seed=seed)
    epochs = max(round(chosen.config.train.epochs * share), 1)
    source, fold_of = chosen.source, problem.fold_of % FOLDS
    trusted = np.zeros(len(fold_of), bool) if is_plain else problem.truth >= 0
    labels = np.where(trusted, problem.truth, problem.given)
    found = np.tile(problem.share, (len(fold_of), 1)).astype(np.float32)
    for fold in range(FOLDS):
        train, rest = np.flatnonzero((fold_of != fold) & (labels >= 0)), np.flatnonzero(fold_of == fold)
        untrusted = int(np.sum(~trusted[train]))
        if untrusted < 4 or not len(rest) or (not is_plain and not trusted[train].any()):
            continue
        part = source._replace(
            inputs=source.inputs[train],
            labels=labels[train].astype(np.int32),
            ids=source.ids[train],
            trusted=None if is_plain else trusted[train],
            pictures=None,
        )
        batch = min(chosen.config.train.batch_size, untrusted)
        changed = replace(chosen.config.train, epochs=epochs, batch_size=batch)
        clean = Clean(size=0) if is_plain else chosen.config.clean
        config = resolved(replace(chosen.config, clean=clean, train=changed))
        with tempfile.TemporaryDirectory() as folder:
            fitted = train_source(config, TrainingData(part), Path(folder) / "run")
            found[rest] = fitted.predict_proba(source.inputs[rest])
    return found
