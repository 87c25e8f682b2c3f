"""Out-of-fold probabilities of the network that `meta-noise clean` would take, trained plainly."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from sklearn.model_selection import StratifiedKFold

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.choose import choose
from meta_noise.config.schema import Clean
from meta_noise.data.own import Own
from meta_noise.runs.fitted import TrainingData
from meta_noise.runs.run import train_source

FOLDS = 5


def out_of_fold(own: Own, console: Console, **asked: Any) -> np.ndarray:
    """Returns probabilities [N, C] of every row by a network trained on the other folds, labels as they are used.

    Args:
        own: trusted rows are ordinary rows here, with the label that is trusted.
        console: where progress goes.
        asked: as of `choose`, which gives network, optimiser and schedule.
    """
    plain = own._replace(source=own.source._replace(trusted=None))
    chosen = choose(plain, method="supervised", **asked)
    source = chosen.source
    config = resolved(replace(chosen.config, clean=Clean(size=0)))
    probabilities = np.zeros((len(source.labels), source.num_classes))
    folds = StratifiedKFold(min(FOLDS, int(np.bincount(source.labels).min())), shuffle=True, random_state=0)
    for number, (train, rest) in enumerate(folds.split(source.labels, source.labels), start=1):
        part = source._replace(inputs=source.inputs[train], labels=source.labels[train], ids=source.ids[train])
        with tempfile.TemporaryDirectory() as folder:
            fitted = train_source(config, TrainingData(part), Path(folder) / "run")
            probabilities[rest] = fitted.predict_proba(source.inputs[rest])
        console.print(f"- fold {number} of {folds.n_splits} is done.")
    return probabilities
