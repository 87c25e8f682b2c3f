"""What a training is given and what it gives back."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.data.origin import Origin
from meta_noise.data.reader import Reader
from meta_noise.data.source import Source
from meta_noise.report.axes import Plots
from meta_noise.report.findings import Findings, findings_of
from meta_noise.report.quality import Scores


class Fitted(NamedTuple):
    """What a run gives.

    Attributes:
        predict: `inputs [n, ...] -> classes [n]` of the selected epoch, raw inputs as they were given.
        predict_proba: the same as probabilities [n, C].
        labels: one row per training example, the columns of `labels.parquet`, as a pyarrow table; where a frame of
            pandas or Polars was cleaned, such a frame.
        history: metrics of every evaluated epoch.
        results: the content of `results.json`.
        folder: the run folder, None where none was asked for.
    """

    predict: Callable[[Any], np.ndarray]
    predict_proba: Callable[[Any], np.ndarray]
    labels: Any
    history: list[dict[str, Any]]
    results: dict[str, Any]
    folder: Path | None

    @property
    def findings(self) -> Findings:
        """What is known of every label, to look at, to draw and to save."""
        return findings_of(self.labels, self.results, self.folder)

    @property
    def plot(self) -> Plots:
        """Figures as Matplotlib axes: `confusion()`, `worst()`, `quality()`, `tried()`, `classes()`."""
        return self.findings.plot

    def __repr__(self) -> str:
        said = " ".join(self.findings.sentences()[:2])
        return f"<Fitted: {said} {'Kept nowhere.' if self.folder is None else f'Run folder: {self.folder}'}>"

    def _repr_html_(self) -> str:
        return self.findings._repr_html_()


class TrainingData(NamedTuple):
    """What to train on.

    Attributes:
        source: the training part.
        tests: rows to measure on, by the name of their part.
        reader: how new rows are read, None for arrays.
        origin: where the data came from, None where it is the config that says so.
        shown: `(row number) -> str`, what a person sees of a row that is no picture, or None.
        scores: `(run folder) -> scores of the rows`, found or read again before the training; None where they come from
            the trained network.
        learns: digest of what the scores come from, where the network learns their labels; "" where it learns the given
            ones.
        leave: `(run folder, label table) -> label table of all rows` writes what else the run leaves, before its page;
            None for nothing.
    """

    source: Source
    tests: Mapping[str, Source] = {}
    reader: Reader | None = None
    origin: Origin | None = None
    shown: Callable[[int], str] | None = None
    scores: Callable[[Path], Scores] | None = None
    learns: str = ""
    leave: Callable[[Path, pa.Table], pa.Table] | None = None
