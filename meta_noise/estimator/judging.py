"""What the tournament says of the labels of an estimator's rows, and networks trained on them."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console

from meta_noise.cleaning.clean import train_own, wanted_of
from meta_noise.cleaning.findings import find_out
from meta_noise.cleaning.own_noise import steady
from meta_noise.data.own import Own
from meta_noise.data.own.assembly import same_inputs
from meta_noise.data.own.result import in_words
from meta_noise.data.source import Source, row_ids, rows_of
from meta_noise.estimator.labels import Classes
from meta_noise.estimator.rows import Read
from meta_noise.estimator.stored import StoredNetwork, stored
from meta_noise.report.findings import KEPT, Findings
from meta_noise.report.labels import CLASS_NAMES, columns
from meta_noise.report.quality import Scores


def as_own(read: Read, classes: Classes, trusted: np.ndarray) -> Own:
    """Returns the rows as the rest of the library has own data; `trusted` is [N] bool."""
    inputs = read.inputs
    ids = row_ids("row", len(classes.codes))
    source = Source(inputs, classes.codes, ids, classes.names, trusted=trusted if trusted.any() else None, name="rows")
    columns_, encoders = ((), ()) if read.reader is None else (read.reader.columns, read.reader.encoders)
    same = same_inputs(inputs if read.texts is None else read.texts)
    return Own(
        source=source,
        kind="features" if read.kind == "numbers" else read.kind,
        class_names=classes.names,
        given=classes.codes,
        columns=columns_,
        texts=read.texts,
        test=None,
        test_texts=None,
        skipped=[],
        duplicates=[tuple(ids[group].tolist()) for group in same],
        notes=[],
        encoders=encoders,
    )


def judged(own: Own, flag: str, seed: int, further: Mapping[str, np.ndarray], console: Console) -> Scores:
    """Returns what the tournament says of every row.

    Args:
        own: the rows.
        flag: how many are flagged, as for `meta_noise.clean`; "" for as many as are estimated to be wrong.
        seed: of folds and draws.
        further: name -> p(given | x) [N, C] of models that did not see the label of the row.
        console: where it is said how long it takes.
    """
    if own.source.trusted is not None and own.source.trusted.all():
        return _all_right(own)
    return find_out(own, wanted_of(flag, "")._replace(seed=seed, further=further), console)


def trained(own: Own, flag: str, console: Console, **asked: Any) -> tuple[StoredNetwork, Scores]:
    """Returns a network of this library, trained as `meta_noise.clean` trains it, and what is said of every row.

    Args:
        own: the rows.
        flag: as in `judged`.
        console: where progress goes.
        asked: method, model, epochs, seed; see `meta_noise.cleaning.choose`.
    """
    if own.kind == "features":
        own = own._replace(source=own.source._replace(inputs=np.asarray(own.source.inputs, np.float32)))
    with steady(len(own.source.labels)), tempfile.TemporaryDirectory() as folder:
        fitted = train_own(own, Path(folder) / "run", console, None, wanted_of(flag, ""), **asked)
        network = stored(Path(folder) / "run")
    return network, _in_order(own, fitted.labels, fitted.results)


def _in_order(own: Own, table: pa.Table, results: Mapping[str, Any]) -> Scores:
    """Returns the scores of all rows from the label table of a run; trusted rows that it leaves out are right."""
    labels, known = own.source.labels, columns(table)
    rows = rows_of(np.array(table["id"].to_pylist()), own.source.ids, "the label table")
    place = {name: number for number, name in enumerate(own.class_names)}
    quality, probability = np.ones(len(labels)), np.ones(len(labels))
    suggested, is_issue = labels.astype(np.int64), np.zeros(len(labels), bool)
    quality[rows], probability[rows] = known.quality, table["suggested_probability"].to_numpy()
    suggested[rows] = [place[name] for name in table["suggested_label"].to_pylist()]
    is_issue[rows] = known.is_issue
    is_unknown = table["is_label_issue"].null_count > 0
    return Scores(quality, None if is_unknown else is_issue, suggested, probability, labels, results)


def findings(own: Own, scores: Scores) -> Findings:
    """Returns what is known of every label, with pictures or words of the rows of least quality."""
    names = np.array(own.class_names, object)
    issues = pa.nulls(len(scores.quality), pa.bool_()) if scores.is_issue is None else pa.array(scores.is_issue)
    table = pa.table(
        {
            "id": pa.array(own.source.ids.tolist(), pa.string()),
            "given_label": pa.array(names[own.source.labels], pa.string()),
            "label_quality": pa.array(np.asarray(scores.quality, np.float64)),
            "is_label_issue": issues,
            "suggested_label": pa.array(names[scores.suggested], pa.string()),
            "suggested_probability": pa.array(np.asarray(scores.probability, np.float64)),
        }
    ).replace_schema_metadata({CLASS_NAMES: json.dumps(list(own.class_names))})
    worst, ids = np.argsort(scores.quality, kind="stable")[:KEPT].tolist(), own.source.ids.tolist()
    words = in_words(own)
    texts = {} if words is None else {ids[row]: words(row) for row in worst}
    is_pictures = own.kind == "images"
    pictures = {ids[row]: np.asarray(own.source.inputs[row]) for row in worst} if is_pictures else {}
    return Findings(table, json.loads(json.dumps(dict(scores.found))), pictures, texts)


def _all_right(own: Own) -> Scores:
    """Returns scores where all rows are trusted: nothing is in doubt."""
    labels, ones = own.source.labels, np.ones(len(own.source.labels))
    found = {
        "tournament": None,
        "noise_estimate": {"rate": None, "how": "all rows are trusted", "head": None},
        "worthless": None,
        "flags": {"known": False, "why": "all rows are trusted"},
    }
    return Scores(ones, np.zeros(len(labels), bool), labels.astype(np.int64), ones, labels, found)
