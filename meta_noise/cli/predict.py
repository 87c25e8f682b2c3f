"""`meta-noise predict RUN DATA`: classes of new rows by the network of a run, as CSV or Parquet."""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from meta_noise.atomic import atomically
from meta_noise.cli.arguments import NEW_COLUMNS
from meta_noise.cli.checks import free_to_write
from meta_noise.data.new_rows import read_new
from meta_noise.errors import InputError
from meta_noise.report.labels import write_csv
from meta_noise.runs.trained import finite, in_batches, load
from meta_noise.terminal import say
from meta_noise.visible import counted


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the predictions are written.

    Raises:
        InputError: the run or the data are not usable, or the file exists.
    """
    out = free_to_write(Path(options.out))
    model = load(options.run, options.allow, options.encoder)
    columns = {column: getattr(options, column) for column in NEW_COLUMNS}
    vectors = model.encode and partial(model.encode, console=console)
    new = read_new(options.data, model.reader, vectors=vectors, **columns)
    if new.bad and not options.skip_bad:
        more = f" {len(new.bad):,} rows are bad." if len(new.bad) > 1 else ""
        raise InputError(f"{next(iter(new.bad.values()))}{more} Or go on without them: --skip-bad.")
    probabilities = finite(in_batches(model.compiled, new.inputs))
    ids = [new.ids[row] for row in new.rows.tolist()]
    table = predictions(ids, probabilities, model.class_names, options.probabilities)
    with atomically(out) as file:
        if out.suffix.lower() == ".csv":
            write_csv(table, file)
        else:
            pq.write_table(table, file)
    for reason in list(new.bad.values())[:5]:
        say(console, f"- left out: {reason}")
    left_out = f", {len(new.bad):,} left out" if new.bad else ""
    say(console, f"{counted(len(ids), 'row')} classified{left_out}: {out}")
    return 0


def predictions(ids: list[str], probabilities: np.ndarray, names: tuple[str, ...], all_classes: bool) -> pa.Table:
    """Returns id, predicted_label and probability, and on request `probability_NAME` for each class.

    Args:
        ids: n identifiers.
        probabilities: [n, C].
        names: C class names.
        all_classes: whether to add the columns of all classes.
    """
    best = probabilities.argmax(axis=1)
    columns = {
        "id": pa.array(ids, pa.string()),
        "predicted_label": pa.array([names[klass] for klass in best], pa.string()),
        "probability": pa.array(probabilities[np.arange(len(best)), best].astype(np.float64)),
    }
    if all_classes:
        columns |= {
            f"probability_{name}": pa.array(probabilities[:, klass].astype(np.float64))
            for klass, name in enumerate(names)
        }
    return pa.table(columns)
