"""One HTML page per run, made from the files of its folder alone; it needs no network and no scripts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.figure import Figure

from meta_noise.atomic import atomically
from meta_noise.report import confusion, curves, weights
from meta_noise.report.drawing import shorten, to_svg
from meta_noise.report.files import damaged, existing, number, read_arrays, read_metrics, read_object
from meta_noise.report.labels import COLUMNS, columns, read_labels
from meta_noise.report.pictures import data_uri
from meta_noise.report.summary import Summary, main_accuracy, measured_on, percent, sentence, summarise

SHOWN_PICTURES, SHOWN_ROWS, SHOWN_CLASSES = 48, 24, 60
PIXELATED_BELOW = 64


class Card(NamedTuple):
    """A key figure: `value` large, `label` above it, `note` below."""

    label: str
    value: str
    note: str


class Chart(NamedTuple):
    """A figure in the page: `svg` and the `caption` that says how to read it."""

    svg: str
    caption: str


class Suspect(NamedTuple):
    """A suspicious row as the page shows it, all as text; `truth` and `picture` may be None."""

    id: str
    given: str
    suggested: str
    probability: str | None
    quality: str
    truth: str | None
    is_wrong: bool
    picture: str | None
    is_small: bool


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
        pictures=_read_pictures(folder / "examples.npz"),
        rows=read_arrays(folder / "rows.npz"),
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
    rows: Mapping[str, np.ndarray],
    has_csv: bool,
) -> str:
    """Returns the page as HTML; arguments are the contents of the run folder's files."""
    summary = summarise(labels)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    truth_known = summary.realised_rate is not None
    return environment.get_template("page.html.jinja").render(
        title=f"{results.get('method') or 'A run'} on {results.get('data') or 'labelled rows'}",
        sentence=sentence(results, summary),
        facts=_facts(results),
        cards=_cards(results, summary),
        curves=_curves(metrics),
        weights=_weights(labels, metrics, rows),
        confusion=_chart(
            confusion.confusion_figure(labels),
            "confusion",
            "Rows of the table by given and suggested label. Grey squares keep their label; the darker an orange "
            "square, the more rows would move there.",
        ),
        pairs=confusion.confused_pairs(labels),
        suspects=_suspects(labels, pictures),
        per_class=summary.per_class[:SHOWN_CLASSES],
        hidden_classes=max(0, len(summary.per_class) - SHOWN_CLASSES),
        truth_known=truth_known,
        rows=summary.rows,
        config=_flat(config),
        origin=_origin(results),
        columns=[(name, COLUMNS[name]) for name in COLUMNS if name in labels.column_names],
        has_csv=has_csv,
    )


def _facts(results: Mapping[str, Any]) -> list[str]:
    """Returns the short facts under the title."""
    facts = [f"model {results['model']}"] if results.get("model") else []
    noise = results.get("noise")
    kind = noise.get("kind") if isinstance(noise, Mapping) else None
    rate = number(results, "noise", "rate")
    if kind and kind != "none":
        facts.append(f"{kind} noise" + (f" at {percent(rate, 0)}" if rate is not None else ""))
    clean = number(results, "clean_set", "size")
    if clean is not None:
        trained_on = results["clean_set"].get("trained_on")
        use = {True: " used in training", False: ", not used in training"}.get(trained_on, "")
        facts.append(f"{clean:,.0f} clean rows{use}")
    if results.get("seed") is not None:
        facts.append(f"seed {results['seed']}")
    seconds = number(results, "seconds")
    return facts + ([f"{duration(seconds)} of training"] if seconds is not None else [])


def _cards(results: Mapping[str, Any], summary: Summary) -> list[Card]:
    """Returns the key figures that the run allows."""
    cards = []
    accuracy, name = main_accuracy(results)
    if accuracy is not None and name is not None:
        epoch = _epoch(results, name)
        others = [other for other in ("last", "best") if other != name and other not in epoch]
        values = [(other, number(results, "accuracy", other)) for other in others]
        more = "".join(f"; {other} {percent(value)}" for other, value in values if value is not None)
        cards.append(Card(f"{measured_on(results).capitalize()} accuracy", percent(accuracy), epoch + more))
    note = f"{summary.suspected:,} of {summary.rows:,} training labels"
    cards.append(Card("Labels that look wrong", percent(summary.suspected_rate), note))
    if summary.realised_rate is None:
        cards.append(Card("Training rows", f"{summary.rows:,}", f"in {summary.classes:,} classes; truth unknown"))
    else:
        note = f"{summary.wrong:,} training labels differ from the truth"
        cards.append(Card("Labels that are wrong", percent(summary.realised_rate), note))
    if summary.precision_100 is not None:
        shown = min(100, summary.rows)
        note = f"truly wrong among the {shown} labels of lowest quality"
        if summary.wrong is not None and summary.wrong < shown:
            note += f"; {percent(summary.wrong / shown, 0)} is the most possible"
        cards.append(Card("Hits at the top", percent(summary.precision_100, 0), note))
    if summary.average_precision is not None and summary.realised_rate is not None:
        note = f"of the ranking by label quality; 1 is perfect, {summary.realised_rate:.2f} is chance"
        cards.append(Card("Average precision", f"{summary.average_precision:.2f}", note))
    if summary.suggested_accuracy is not None and summary.given_accuracy is not None:
        note = f"of the suggested labels are true; of the given ones {percent(summary.given_accuracy)}"
        cards.append(Card("Suggestions right", percent(summary.suggested_accuracy), note))
    return cards


def _epoch(results: Mapping[str, Any], name: str) -> str:
    """Returns in words at which epoch an accuracy was measured."""
    if name == "selected" and number(results, "clean_set", "selection_size") != 0:
        epoch = number(results, "accuracy", "selected_epoch")
        return f"at {'the epoch' if epoch is None else f'epoch {epoch:g},'} chosen on the selection rows"
    words = {"last10": "mean of the last ten epochs", "best": "at the best of all epochs"}
    return words.get(name, "after the last epoch")


def _curves(metrics: list[dict[str, Any]]) -> list[Chart]:
    def has(name: str) -> bool:
        return bool(curves.series(metrics, name))

    drawn = (
        _chart(
            curves.accuracy_curves(metrics),
            "accuracy",
            "How often the network is right on rows it was not trained on. A line that rises and then falls means "
            "that wrong labels were learned by heart after the peak.",
        ),
        _chart(
            curves.training_curves(metrics),
            "training",
            "How often predictions on the training rows agree with the given label"
            + (" and with the truth" if has("true_accuracy") else "")
            + (", and how often the method's corrected label is the truth." if has("target_accuracy") else "."),
        ),
        _chart(
            curves.right_and_wrong_curves(metrics),
            "apart",
            "Blue: rightly labelled rows whose label is predicted. Orange: wrongly labelled rows, predicted as their "
            "wrong label (memorised) or as the truth (recovered).",
        ),
        _chart(
            curves.loss_curves(metrics),
            "losses",
            "The loss of the training step" + (" and the one on clean rows." if has("outer_loss") else "."),
        ),
    )
    return [chart for chart in drawn if chart]


def _weights(labels: pa.Table, metrics: list[dict[str, Any]], rows: Mapping[str, np.ndarray]) -> list[Chart]:
    table = columns(labels)
    values = table.weights
    if values is None:
        kept = rows.get("weight_mean", rows.get("weight_last"))
        values = kept if kept is not None and kept.shape == table.given.shape else None
    is_wrong = None if table.true is None else (table.true >= 0) & (table.true != table.given)
    drawn = (
        _chart(
            None if values is None else weights.weight_histogram(values, is_wrong),
            "weights",
            "How much each row counts in training. A triangle marks a mean."
            + ("" if is_wrong is None else " The further apart the colours, the better right is told from wrong."),
        ),
        _chart(
            weights.weight_curves(metrics),
            "weight-curves",
            "When the two lines part, the method has begun to tell right labels from wrong ones.",
        ),
    )
    return [chart for chart in drawn if chart]


def _chart(figure: Figure | None, name: str, caption: str) -> Chart | None:
    return Chart(to_svg(figure, name), caption) if figure else None


def _read_pictures(path: Path) -> dict[str, np.ndarray]:
    """Returns id to picture [H, W, C] of examples.npz, empty where there is none."""
    arrays = read_arrays(path)
    if not arrays:
        return {}
    ids, images = arrays.get("ids"), arrays.get("images")
    if ids is None or images is None or ids.ndim != 1 or images.ndim != 4 or len(ids) != len(images):
        raise damaged(path, "expected ids [K] and images [K, H, W, C]")
    if images.dtype != np.uint8 or 0 in images.shape[1:]:
        raise damaged(path, f"expected pictures of uint8, found {images.dtype} {images.shape}")
    return dict(zip(ids.astype(str).tolist(), images, strict=True))


def _suspects(labels: pa.Table, pictures: Mapping[str, np.ndarray]) -> list[Suspect]:
    """Returns the rows to look at first: those with pictures where there are any, lowest quality first."""
    quality = columns(labels).quality
    order = np.argsort(quality, kind="stable")[:SHOWN_ROWS]
    if pictures:
        has_picture = pc.is_in(labels["id"].cast(pa.string()), value_set=pa.array(list(pictures), pa.string()))
        rows = np.flatnonzero(has_picture.to_numpy())
        if len(rows):
            order = rows[np.argsort(quality[rows], kind="stable")][:SHOWN_PICTURES]
    shown = labels.take(pa.array(order))
    suspects = []
    for row in shown.to_pylist():
        image = pictures.get(str(row["id"]))
        probability, truth = row.get("suggested_probability"), row.get("true_label")
        suspects.append(
            Suspect(
                id=shorten(str(row["id"]), 80),
                given=str(row["given_label"]),
                suggested=str(row["suggested_label"]),
                probability=None if probability is None else percent(probability, 0),
                quality=_quality(row["label_quality"]),
                truth=truth,
                is_wrong=truth is not None and truth != row["given_label"],
                picture=None if image is None else data_uri(image),
                is_small=image is not None and max(image.shape[:2]) < PIXELATED_BELOW,
            )
        )
    return suspects


def _quality(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Returns nested settings as (dotted name, value) pairs."""
    pairs: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
    return pairs


def _origin(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Returns what identifies the run beyond its settings: versions and noise file."""
    versions = results.get("versions")
    pairs = _flat(versions) if isinstance(versions, Mapping) else []
    noise = results.get("noise")
    if isinstance(noise, Mapping) and noise.get("sha256"):
        pairs.append(("noise file, sha256", str(noise["sha256"])))
    return pairs


def duration(seconds: float) -> str:
    """Returns a duration in the two largest units that matter."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
