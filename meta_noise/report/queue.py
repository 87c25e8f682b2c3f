"""The queue as a CSV file and as one HTML page that asks for labels; neither runs anything of the user's.

The page is complete in itself: a content security policy allows no network and no script or style but the two files of
this library, by their digests. All that comes from the user stands in it as JSON and is put on the screen as text.
"""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pyarrow as pa

from meta_noise.atomic import atomically
from meta_noise.errors import InputError
from meta_noise.report.embedding import embedded, script_digest
from meta_noise.report.labels import columns, write_csv
from meta_noise.report.queue_rows import Asked
from meta_noise.report.summary import percent
from meta_noise.visible import visible

CSV, PAGE = "queue.csv", "queue.html"
_HERE = Path(__file__).parent


class Shown(NamedTuple):
    """What a person sees of a row: a picture as a `data:` address, a text, cells (name, value); each may be empty."""

    picture: str = ""
    text: str = ""
    cells: Sequence[tuple[str, str]] = ()
    is_small: bool = False


def write_queue(
    folder: Path,
    labels: pa.Table,
    asked: Asked,
    shown: Sequence[Shown],
    title: str,
    run: str,
    place: str,
    further: Mapping[str, bytes] = {},
) -> None:
    """Writes `queue.csv` and `queue.html`, each whole or not at all; files that are there and differ are left alone.

    Args:
        folder: made where it does not exist.
        labels: of the run.
        asked: k rows of it.
        shown: what people see of them.
        title: of the page.
        run: what tells answers about these data from others.
        place: of the run folder, for the command that takes the answers.
        further: content of other files, by name.

    Raises:
        InputError: there are such files already, with another content.
    """
    files = {
        CSV: _csv(labels, asked, run),
        PAGE: render(labels, asked, shown, title, run, place).encode(),
        **further,
    }
    for name, content in files.items():
        if (folder / name).exists() and (folder / name).read_bytes() != content:
            raise InputError(f"{folder / name} exists and holds another queue. Choose another --out, or move it away.")
    for name, content in files.items():
        with atomically(folder / name) as file:
            file.write(content)


def render(labels: pa.Table, asked: Asked, shown: Sequence[Shown], title: str, run: str, place: str) -> str:
    """Returns the page as HTML; arguments as in `write_queue`."""
    found = columns(labels)
    names = found.class_names
    table = labels.take(pa.array(asked.rows))
    ids = [str(identity) for identity in table["id"].to_pylist()]
    rows = [
        {
            "id": ids[place],
            "shown": visible(ids[place]),
            "given": int(found.given[row]),
            "suggested": int(found.suggested[row]),
            "probability": _probability(table["suggested_probability"][place].as_py()),
            "why": asked.why[place],
            "picture": content.picture,
            "small": content.is_small,
            "text": "\n".join(visible(line) for line in content.text.splitlines()),
            "cells": [[visible(name), visible(value)] for name, value in content.cells],
        }
        for place, (row, content) in enumerate(zip(asked.rows.tolist(), shown, strict=True))
    ]
    digest = hashlib.sha256("\0".join([run, *ids]).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    data = {
        "run": run,
        "key": f"meta-noise-queue-{digest}",
        "file": f"answers-{digest[:8]}.csv",
        "classes": [{"name": name, "shown": visible(name)} for name in names],
        "rows": rows,
    }
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("queue.css", "queue.js"))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("queue.html.jinja").render(
        title=visible(title),
        command=visible(f"meta-noise ingest {shlex.quote(place)} {data['file']}"),
        count=len(rows),
        style=style,
        style_hash=script_digest(style),
        script=script,
        script_hash=script_digest(script),
        data=embedded(data),
    )


def _csv(labels: pa.Table, asked: Asked, run: str) -> bytes:
    table = labels.take(pa.array(asked.rows))
    empty = pa.array([""] * table.num_rows)
    columns_of = {
        "id": table["id"].cast(pa.string()),
        "given_label": table["given_label"],
        "suggested_label": table["suggested_label"],
        "probability": table["suggested_probability"],
        "why": pa.array(asked.why),
        "answer": empty,
        "verdict": empty,
        "run": pa.array([run] * table.num_rows),
    }
    sink = pa.BufferOutputStream()
    write_csv(pa.table(columns_of), sink)
    return sink.getvalue().to_pybytes()


def _probability(value: Any) -> str:
    return "" if value is None else percent(float(value), 0)
