"""The label table: one row per training example, what it is labelled and what it should perhaps be labelled.

`labels.parquet` holds every string exactly; `labels.csv` is for spreadsheets, so a cell that one would run as a
formula gets a leading apostrophe, and numbers are rounded to six digits.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from meta_noise.atomic import atomically
from meta_noise.disk.identifiers import as_strings
from meta_noise.errors import InputError
from meta_noise.report.files import damaged, existing
from meta_noise.report.label_files import read_parquet, write_parquet
from meta_noise.report.quality import Scores, Targets, looks_wrong, suggest

COLUMNS = {
    "id": "The example's own identifier.",
    "given_label": "The label it came with, maybe wrong.",
    "predicted_label": "The class the trained network finds most probable.",
    "label_quality": "How far the given label can be believed, from 0 (suspicious) to 1. Sort by it to start.",
    "is_label_issue": "True where the label looks wrong. Empty where nothing was found out.",
    "weight": "How much the example counted in training, 1 = fully. Empty where the method has no weights.",
    "margin": "How far the network's score of the given label was above the best other one, averaged over training.",
    "suggested_label": "The most probable class by all that is known of the row.",
    "suggested_probability": "How probable the suggestion is, from 0 to 1.",
    "corrected_label": "The method's own last word on the label; a column only of methods that correct labels.",
    "label_source": "Where the label comes from: given, suggested, trusted or answered. bad: somebody said that no "
    "class is right. not judged: the row was held out or left out. A column only of your own data.",
    "true_label": "The true class, where it is known, or (none of the classes); it is never used in training.",
}
ABOUT = """# labels.csv and labels.parquet

{rows} labels.parquet holds every string exactly. labels.csv is for spreadsheets: a cell that one would run as a formula
starts with an apostrophe, and numbers have six digits."""
JUDGED_ROWS = "One line for each row that was judged. Rows that are trusted or held out are not among them."
ALL_ROWS = "One line for each row of your data, in their order; what was not said of a row is empty."
SOURCE, JUDGED = "label_source", ("given", "suggested")
REQUIRED = ("id", "given_label", "label_quality", "is_label_issue", "suggested_label")
MAY_BE_EMPTY = "is_label_issue"
CLASS_NAMES = b"class_names"  # metadata key that keeps the order of the classes
NO_CLASS = "(none of the classes)"  # the true label of a row that does not belong here at all
CHUNK = 1_000_000  # rows that are turned into text at a time
FORMULA = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|^[\t\r\n]"  # and their full-width forms


class Columns(NamedTuple):
    """A label table as arrays, classes as numbers.

    Attributes:
        class_names: one str for each of the C classes.
        given: [N] int class.
        suggested: [N] int class.
        true: [N] int class, C where the row belongs to none, -1 where unknown, or None where unknown for all.
        quality: [N] float in 0..1.
        is_issue: [N] bool, False where nothing was found out.
        weights: [N] float, NaN where a row has none, or None where no row has one.
        corrected: [N] int class, -1 where the method corrected nothing, or None where it corrects no row.
    """

    class_names: tuple[str, ...]
    given: np.ndarray
    suggested: np.ndarray
    true: np.ndarray | None
    quality: np.ndarray
    is_issue: np.ndarray
    weights: np.ndarray | None
    corrected: np.ndarray | None


class Evidence(NamedTuple):
    """What the label table is made from: N rows of C classes, before and after training.

    Attributes:
        ids: [N] identifiers.
        given: [N] int observed class.
        class_names: [C] names.
        probabilities: [N, C] what the trained network predicts.
        quality: [N] in 0..1, low = suspicious, see `meta_noise.report.quality`.
        weights: [N] per-example weights, NaN for a row without one; None where the method has none.
        targets: labels that the method corrected; None where it corrects none.
        margin: [N] margins averaged over training, NaN for a row that was not seen; None leaves the column out.
        true: [N] int true class, C for none of the classes, -1 where unknown; None leaves the column out.
        scores: flags and suggestions, where they do not follow from probabilities and quality.
    """

    ids: Sequence[Any]
    given: np.ndarray
    class_names: Sequence[str]
    probabilities: np.ndarray
    quality: np.ndarray
    weights: np.ndarray | None = None
    targets: Targets | None = None
    margin: np.ndarray | None = None
    true: np.ndarray | None = None
    scores: Scores | None = None


def label_table(evidence: Evidence) -> pa.Table:
    """Returns the label table with the columns of `COLUMNS`; margins, corrected and true labels only where given.

    Raises:
        ValueError: an array has another shape or other values than `Evidence` says.
    """
    names = [str(name) for name in evidence.class_names]
    given, probabilities = np.asarray(evidence.given), np.asarray(evidence.probabilities)
    quality = np.asarray(evidence.quality, np.float64)
    _check_shapes(evidence, len(given), len(names))
    _check_values(probabilities, quality)
    predicted, suggested, probability = suggest(probabilities, evidence.targets)
    is_issue: np.ndarray | None = looks_wrong(predicted, given, quality) & (suggested != given)
    if evidence.scores is not None:
        _, is_issue, suggested, probability, *_ = evidence.scores
    table = {
        "id": as_strings(evidence.ids),
        "given_label": _named("given", given, names),
        "predicted_label": _named("predicted", predicted, names),
        "label_quality": pa.array(quality),
        "is_label_issue": pa.nulls(len(given), pa.bool_()) if is_issue is None else pa.array(is_issue),
        "weight": _or_null(evidence.weights, len(given)),
    }
    if evidence.margin is not None:
        table["margin"] = _or_null(evidence.margin, len(given))
    table["suggested_label"] = _named("targets", suggested, names)
    table["suggested_probability"] = pa.array(probability)
    if evidence.targets is not None:
        table["corrected_label"] = _named("targets", evidence.targets.classes, names, unknown=True)
    if evidence.true is not None:
        table["true_label"] = _named("true", evidence.true, [*names, NO_CLASS], unknown=True)
    return pa.table(table).replace_schema_metadata({CLASS_NAMES: json.dumps(names)})


def _check_shapes(evidence: Evidence, rows: int, classes: int) -> None:
    found: dict[str, tuple[int, ...]] = {"ids": (len(evidence.ids),)}
    found |= {name: np.shape(getattr(evidence, name)) for name in ("probabilities", "quality")}
    for name in ("weights", "margin", "true"):
        if (values := getattr(evidence, name)) is not None:
            found[name] = np.shape(values)
    if evidence.targets is not None:
        found |= {f"targets.{name}": np.shape(values) for name, values in evidence.targets._asdict().items()}
    for name, shape in found.items():
        wanted = (rows, classes) if name == "probabilities" else (rows,)
        if shape != wanted:
            raise ValueError(f"{name} has shape {shape}; {rows} given labels of {classes} classes need {wanted}.")


def _check_values(probabilities: np.ndarray, quality: np.ndarray) -> None:
    if not np.isfinite(probabilities).all() or not np.isfinite(quality).all():
        raise ValueError("probabilities and quality must be finite; NaN or infinity means that training diverged.")
    if quality.size and (quality.min() < 0 or quality.max() > 1):
        raise ValueError(f"quality must lie in 0..1, got {quality.min():g}..{quality.max():g}.")


def write_labels(folder: str | Path, table: pa.Table) -> None:
    """Writes labels.parquet, labels.csv and what their columns mean into `folder`, each whole or not at all."""
    folder = Path(folder)
    with atomically(folder / "labels_columns.md") as text:
        text.write(columns_text(table.column_names).encode())
    with atomically(folder / "labels.csv") as csv:
        write_csv(table, csv)
        write_parquet(folder, table)


def columns_text(names: Sequence[str]) -> str:
    """Returns what the columns of a label table mean, as Markdown."""
    lines = "\n".join(f"| `{name}` | {COLUMNS[name]} |" for name in COLUMNS if name in names)
    about = ABOUT.format(rows=ALL_ROWS if SOURCE in names else JUDGED_ROWS)
    return f"{about}\n\n| column | meaning |\n|---|---|\n{lines}\n"


def read_labels(folder: str | Path) -> pa.Table:
    """Returns the label table of a run folder, of the rows that were judged."""
    path = existing(Path(folder), "labels.parquet")
    try:
        table = read_parquet(path)
    except Exception as error:  # of damaged files Arrow raises almost anything
        raise damaged(path, str(error).splitlines()[0] if str(error) else type(error).__name__) from error
    missing = [name for name in REQUIRED if name not in table.column_names]
    if missing:
        raise damaged(path, f"no column {', '.join(missing)}")
    if SOURCE in table.column_names:
        table = table.filter(pc.is_in(table[SOURCE], pa.array(JUDGED))).drop_columns(SOURCE)
    empty = [name for name in REQUIRED if table[name].null_count and name != MAY_BE_EMPTY]
    if empty:
        raise damaged(path, f"empty cells in column {', '.join(empty)}")
    if table.num_rows == 0:
        raise InputError(f"{str(path)!r} has no rows, so there is nothing to report. Check the data of the run.")
    return table


def columns(table: pa.Table) -> Columns:
    """Returns the arrays of a label table."""
    names = _class_names(table)
    values = pa.array(names, pa.string())

    def classes(name: str) -> np.ndarray:
        codes = pc.index_in(table[name].cast(pa.string()), value_set=values)
        return codes.fill_null(-1).to_numpy().astype(np.int64)

    true, corrected = (
        classes(name) if name in table.column_names else None for name in ("true_label", "corrected_label")
    )
    if true is not None and NO_CLASS not in names:
        belongs_nowhere = pc.equal(table["true_label"].cast(pa.string()), NO_CLASS).fill_null(False)
        true[belongs_nowhere.to_numpy().astype(bool)] = len(names)
    weights = table["weight"].cast(pa.float64()).to_numpy() if "weight" in table.column_names else None
    return Columns(
        class_names=names,
        given=classes("given_label"),
        suggested=classes("suggested_label"),
        true=true if true is not None and (true >= 0).any() else None,
        quality=table["label_quality"].cast(pa.float64()).to_numpy(),
        is_issue=table["is_label_issue"].fill_null(False).to_numpy().astype(bool),
        weights=weights if weights is not None and np.isfinite(weights).any() else None,
        corrected=corrected if corrected is not None and (corrected >= 0).any() else None,
    )


def _named(what: str, classes: np.ndarray, names: list[str], unknown: bool = False) -> pa.Array:
    """Returns [N] class names as strings, null for -1 where `unknown` is allowed."""
    classes = np.asarray(classes)
    low = -1 if unknown else 0
    if classes.size and (classes.min() < low or classes.max() >= len(names)):
        raise ValueError(f"{what} holds class {classes.min()}..{classes.max()}; classes are 0..{len(names) - 1}.")
    indices = pa.array(classes.astype(np.int32), mask=classes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string())).cast(pa.string())


def _or_null(values: np.ndarray | None, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, pa.float64())
    values = np.asarray(values, np.float64)
    return pa.array(values, mask=~np.isfinite(values))


def write_csv(table: pa.Table, file: BinaryIO) -> None:
    """Writes a table that no spreadsheet takes for formulas, so many rows at a time that memory is bounded."""
    for start in range(0, max(table.num_rows, 1), CHUNK):
        part = _for_spreadsheets(table.slice(start, CHUNK))
        pa_csv.write_csv(part, file, pa_csv.WriteOptions(include_header=start == 0))


def _for_spreadsheets(table: pa.Table) -> pa.Table:
    """Returns the table with formulas made inert and numbers rounded."""
    for position, field in enumerate(table.schema):
        column = table[field.name]
        if pa.types.is_string(field.type):
            column = pc.if_else(
                pc.match_substring_regex(column, FORMULA),
                pc.binary_join_element_wise(pa.scalar("'"), column, pa.scalar("")),
                column,
            )
        elif pa.types.is_floating(field.type):
            column = pc.round(column, 6)
        table = table.set_column(position, field.name, column)
    return table


def _class_names(table: pa.Table) -> tuple[str, ...]:
    """Returns the class names in their own order where the file keeps it, else sorted, numbers by value."""
    try:
        kept = [str(name) for name in json.loads((table.schema.metadata or {}).get(CLASS_NAMES, b"[]"))]
    except (ValueError, TypeError):
        kept = []
    used: set[str] = set()
    for name in ("given_label", "suggested_label", "corrected_label", "true_label"):
        if name in table.column_names:
            used.update(pc.unique(table[name].cast(pa.string()).drop_null()).to_pylist())
    rest = sorted(
        used.difference([*kept, NO_CLASS]), key=lambda name: (not name.isdecimal(), len(name) * name.isdecimal(), name)
    )
    return tuple(dict.fromkeys(kept + rest))
