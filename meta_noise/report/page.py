"""One HTML page per run, made from the files of its folder alone; it needs no network and no scripts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pyarrow as pa

from meta_noise.atomic import atomically
from meta_noise.report import charts, method_charts
from meta_noise.report.about import facts_of, flat, origin_of
from meta_noise.report.cards import key_figures
from meta_noise.report.confusion import confused_pairs
from meta_noise.report.files import existing, read_arrays, read_metrics, read_object
from meta_noise.report.labels import COLUMNS, columns, read_labels
from meta_noise.report.learned import Learned, read_learned
from meta_noise.report.notices import is_pseudo_clean, pseudo_clean, warnings
from meta_noise.report.summary import percent, sentence, summarise
from meta_noise.report.suspects import read_pictures, read_texts, suspicious_rows
from meta_noise.report.trust import basis, estimates
from meta_noise.report.visible import visible

SHOWN_CLASSES = 60


def write_page(folder: str | Path) -> Path:
    """Writes report.html into a run folder from the other files there, and returns its path."""
    folder = Path(folder)
    results = read_object(existing(folder, "results.json"))
    labels = read_labels(folder)
    html = render(
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
    )
    path = folder / "report.html"
    with atomically(path) as file:
        file.write(html.encode("utf-8", "backslashreplace"))
    return path


def render(
    results: Mapping[str, Any],
    labels: pa.Table,
    metrics: list[dict[str, Any]],
    config: Mapping[str, Any],
    pictures: Mapping[str, np.ndarray],
    texts: Mapping[str, str],
    rows: Mapping[str, np.ndarray],
    learned: Learned,
    noise: Mapping[str, np.ndarray],
    has_csv: bool,
) -> str:
    """Returns the page as HTML; arguments are the contents of the run folder's files."""
    summary = summarise(labels)
    clean = "pseudo-clean" if is_pseudo_clean(results) else "clean"
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            title=f"{results.get('method') or 'A run'} on {results.get('data') or 'labelled rows'}",
            notice=pseudo_clean(results),
            warnings=warnings(results),
            sentence=sentence(results, summary),
            facts=facts_of(results),
            trust=basis(results),
            estimates=estimates(results),
            cards=key_figures(results, summary),
            training=charts.training(metrics, clean),
            weights=charts.row_weights(labels, metrics, rows, learned.weight_curve),
            corrected=method_charts.corrected(labels),
            transitions=method_charts.transitions(learned, noise, labels),
            meta_gradient=method_charts.meta_gradient(metrics),
            suggestions=charts.suggestions(labels),
            pairs=confused_pairs(labels),
            suspects=suspicious_rows(labels, pictures, texts),
            per_class=summary.per_class[:SHOWN_CLASSES],
            hidden_classes=max(0, len(summary.per_class) - SHOWN_CLASSES),
            truth_known=summary.realised_rate is not None,
            rows=summary.rows,
            config=flat(config),
            origin=origin_of(results),
            columns=[(name, COLUMNS[name]) for name in COLUMNS if name in labels.column_names],
            has_csv=has_csv,
        )
    )


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
