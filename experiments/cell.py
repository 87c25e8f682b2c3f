"""One cell of a table: a config with its argument and overrides, its run folder, its result."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.errors import NotFiniteError
from meta_noise.report.labels import read_labels
from meta_noise.report.summary import precision_at, suggested_accuracy
from meta_noise.runs import run as runs


class Cell(NamedTuple):
    """A config file with its argument, and what is changed in it."""

    config: str
    overrides: dict[str, Any]

    @property
    def key(self) -> str:
        """Returns its name in a file of results."""
        return f"{self.config} {json.dumps(self.overrides, sort_keys=True)}" if self.overrides else self.config

    @property
    def unseeded(self) -> str:
        """Returns what the names of cells that differ in their seed alone have in common."""
        return re.sub(r",?seed=\d+", "", self.key)

    @property
    def folder(self) -> str:
        """Returns the name of its run folder; a long one is cut, with a digest in place of the rest."""
        given = f"{self.config}_{json.dumps(self.overrides)}" if self.overrides else self.config
        name = re.sub(r"[^\w.=-]+", "_", given)
        return name if len(name) <= 200 else f"{name[:180]}_{hashlib.sha256(given.encode()).hexdigest()[:12]}"


def run_cell(cell: Cell, folder: Path, data: str, console: Console) -> dict[str, Any]:
    """Returns the result of a cell, which is run or resumed below `folder`; one that diverges is a result, too.

    Args:
        cell: what to run.
        folder: where run folders go.
        data: folder of the data set, empty: that of the config.
        console: gets the progress.

    Raises:
        InputError: the cell cannot be run.
        StoppedError: a signal came; the next call continues.
    """
    config = merge(load(cell.config), cell.overrides)
    if data:
        config = merge(config, {"data": {"path": data}})
    try:
        fitted = runs.run(config, folder / cell.folder, console)
    except NotFiniteError as error:
        step = re.search(r"since step (\d+)", str(error))
        where = {"diverged_step": int(step[1])} if step else {}
        return {"cell": cell.key, "diverged": str(error), **where, "overrides": cell.overrides}
    labels = read_labels(folder / cell.folder)
    found = {"precision_at_100": precision_at(labels, 100), "suggested_accuracy": suggested_accuracy(labels)}
    final = {key: value for key, value in fitted.history[-1].items() if key not in ("step", "epoch")}
    return {"cell": cell.key, **fitted.results, **found, "final": final, "overrides": cell.overrides}
