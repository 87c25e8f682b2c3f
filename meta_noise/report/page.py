"""One HTML page per run, made from the files of its folder alone; it needs no network.

On own data it begins with the answer, and a script of this library, allowed by its digest, turns the pages of all rows.
Other pages have no scripts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import numpy as np
import pyarrow as pa

from meta_noise.atomic import atomically
from meta_noise.report import charts
from meta_noise.report.about import facts_of, flat, key_figures, origin_of
from meta_noise.report.answer import answer_of, has_answer, settled
from meta_noise.report.corrections import confused_pairs
from meta_noise.report.embedding import embedded, script_digest
from meta_noise.report.files import read_arrays, read_metrics, read_object, read_results
from meta_noise.report.labels import COLUMNS, columns, read_labels
from meta_noise.report.learned import Learned, read_learned
from meta_noise.report.notices import (
    basis,
    estimates,
    is_pseudo_clean,
    pseudo_clean,
    since_before,
    warnings,
    worthless,
)
from meta_noise.report.rows import first_rows, left_out, page_rows
from meta_noise.report.summary import Summary, percent, sentence, summarise
from meta_noise.report.suspects import read_pictures, read_texts, suspicious_rows
from meta_noise.report.tried import tried
from meta_noise.report.words import words_of
from meta_noise.visible import visible

SHOWN_CLASSES = 60
SCRIPT = Path(__file__).with_name("report.js")


class Contents(NamedTuple):
    """The files of a run folder that the page is made from.

    Attributes:
        results: results.json.
        labels: labels.parquet.
        metrics: metrics.jsonl, a line each.
        config: config.json, empty where there is none.
        pictures: id to picture [H, W, C] uint8 of examples.npz.
        texts: id to words of examples.json.
        rows: arrays of rows.npz.
        learned: learned.npz.
        noise: arrays of noise.npz.
        has_csv: whether labels.csv lies beside the page.
        folder: the run folder.
    """

    results: Mapping[str, Any]
    labels: pa.Table
    metrics: Sequence[Mapping[str, Any]]
    config: Mapping[str, Any]
    pictures: Mapping[str, np.ndarray]
    texts: Mapping[str, str]
    rows: Mapping[str, np.ndarray]
    learned: Learned
    noise: Mapping[str, np.ndarray]
    has_csv: bool
    folder: Path


def write_page(folder: str | Path) -> Path:
    """Writes report.html into a run folder from the other files there, and returns its path."""
    path = Path(folder) / "report.html"
    html = render(read_contents(Path(folder)))
    with atomically(path) as file:
        file.write(html.encode("utf-8", "backslashreplace"))
    return path


def read_contents(folder: Path) -> Contents:
    """Returns what the page is made from; only results and labels must be there.

    Raises:
        InputError: a file is missing or damaged.
    """
    results, labels = read_results(folder), read_labels(folder)
    return Contents(
        results=results,
        labels=labels,
        metrics=read_metrics(folder / "metrics.jsonl"),
        config=read_object(folder / "config.json") if (folder / "config.json").is_file() else {},
        pictures=read_pictures(folder / "examples.npz"),
        texts=read_texts(folder / "examples.json"),
        rows=read_arrays(folder / "rows.npz"),
        learned=read_learned(folder / "learned.npz", len(columns(labels).class_names)),
        noise=read_arrays(folder / "noise.npz"),
        has_csv=(folder / "labels.csv").is_file(),
        folder=folder,
    )


def render(contents: Contents) -> str:
    """Returns the page as HTML."""
    if has_answer(contents.results):
        contents = contents._replace(labels=settled(contents.labels))
    summary = summarise(contents.labels)
    parts = _head(contents, summary) | _figures(contents) | _tables(contents, summary)
    parts |= _answer(contents, summary) if has_answer(contents.results) else {"answer": None, "browse": None}
    return _environment().get_template("page.html.jinja").render(parts)


def _head(contents: Contents, summary: Summary) -> dict[str, Any]:
    """Returns what the page says in words and numbers, by its name in the template."""
    results = contents.results
    return {
        "title": f"{results.get('method') or 'A run'} on {results.get('data') or 'labelled rows'}",
        "notice": pseudo_clean(results),
        "warnings": warnings(results),
        "sentence": sentence(results, summary),
        "since": since_before(results),
        "facts": facts_of(results),
        "trust": basis(results),
        "estimates": estimates(results),
        "tried": tried(results),
        "cards": key_figures(results, summary),
        "truth_known": summary.realised_rate is not None,
        "rows": summary.rows,
    }


def _answer(contents: Contents, summary: Summary) -> dict[str, Any]:
    """Returns what the page of own data begins with; the general parts give way to it."""
    results = contents.results
    answer = answer_of(results, contents.labels, summary, contents.folder)
    found: dict[str, Any] = {
        "answer": answer,
        "title": f"The labels of {results.get('data') or 'your rows'}",
        "browse": None,
    }
    found |= {"sentence": answer.sentence, "facts": [], "trust": f"{basis(results) or ''} {answer.expected}".strip()}
    if worthless(results) is not None:
        return found
    rows, script = page_rows(contents.labels, contents.pictures, contents.texts), SCRIPT.read_text(encoding="utf-8")
    browse = {"script": script, "script_hash": script_digest(script), "data": embedded(rows)}
    return {**found, "browse": browse, "first": first_rows(rows), "left_out": left_out(rows)}


def _figures(contents: Contents) -> dict[str, Any]:
    """Returns the figures by their name in the template."""
    labels, metrics, learned, results = contents.labels, contents.metrics, contents.learned, contents.results
    if results.get("memorised") is True:  # what was learned from labels known by heart says nothing of them
        learned = learned._replace(transition=None, matrix=None)
    clean = "pseudo-clean" if is_pseudo_clean(results) else "clean"
    has_matrix = worthless(results) is None and not (has_answer(results) and learned.transition is None)
    return {
        "training": charts.training(metrics, clean),
        "weights": charts.row_weights(labels, metrics, contents.rows, learned.weight_curve),
        "corrected": charts.corrected(labels),
        "transitions": charts.transitions(learned, contents.noise, labels) if has_matrix else [],
        "meta_gradient": charts.meta_gradient(metrics),
        "suggestions": charts.suggestions(labels),
    }


def _tables(contents: Contents, summary: Summary) -> dict[str, Any]:
    """Returns the tables by their name in the template."""
    labels = contents.labels
    return {
        "pairs": confused_pairs(labels),
        "suspects": suspicious_rows(labels, contents.pictures, contents.texts),
        "per_class": summary.per_class[:SHOWN_CLASSES],
        "hidden_classes": max(0, len(summary.per_class) - SHOWN_CLASSES),
        "words": words_of(contents.results, contents.labels.column_names),
        "config": flat(contents.config),
        "origin": origin_of(contents.results),
        "columns": [(name, COLUMNS[name]) for name in COLUMNS if name in labels.column_names],
        "has_csv": contents.has_csv,
    }


def _environment() -> jinja2.Environment:
    """Returns the template engine; every string it writes is escaped, hidden characters first."""

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters["percent"] = percent
    return environment
