"""The rows of a queue as tasks for other tools, with our suggestion as their prediction.

Formats: Label Studio 1.x, https://labelstud.io/guide/predictions (`label_studio.json`, and the labelling config
`label_studio.xml` to paste); Argilla 2.x records, as `dataset.records.from_json` reads them (`argilla.json`). What
people answer there comes back by `meta-noise ingest`, see `meta_noise.data.foreign_answers`.
"""

import json
import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import pyarrow as pa

from meta_noise.report.labels import columns
from meta_noise.report.queue import Shown
from meta_noise.report.queue_rows import Asked

TOOLS = ("label-studio", "argilla")
ID, RUN, ANSWER = "meta_noise_id", "meta_noise_run", "answer"
NONE_OF_THESE = "None of these, or a bad row"
AGENT = "meta_noise"
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def task_files(tool: str, labels: pa.Table, asked: Asked, shown: Sequence[Shown], run: str) -> dict[str, bytes]:
    """Returns the files for a tool, by name.

    Args:
        tool: of `TOOLS`.
        labels: of the run.
        asked: k rows of it.
        shown: what people see of them.
        run: what tells answers about these data from others.
    """
    rows = labels.take(pa.array(asked.rows)).to_pylist()
    names = columns(labels).class_names
    triples = list(zip(rows, shown, asked.why, strict=True))
    if tool == "argilla":
        return {"argilla.json": _json([_record(*each, run) for each in triples])}
    kind = "image" if any(content.picture for content in shown) else "text"
    return {
        "label_studio.json": _json([_task(*each, run) for each in triples]),
        "label_studio.xml": _config(names, kind).encode(),
    }


def _content(content: Shown) -> tuple[str, str]:
    """Returns the kind of a row, image or text, and what is shown of it."""
    if content.picture:
        return "image", content.picture
    return "text", content.text or "\n".join(f"{name}: {value}" for name, value in content.cells)


def _task(row: dict[str, Any], content: Shown, why: str, run: str) -> dict[str, Any]:
    kind, value = _content(content)
    choice = {"choices": [row["suggested_label"]]}
    result = {"from_name": ANSWER, "to_name": "row", "type": "choices", "value": choice}
    prediction: dict[str, Any] = {"model_version": AGENT, "result": [result]}
    if row["suggested_probability"] is not None:
        prediction["score"] = round(row["suggested_probability"], 6)
    data = {ID: row["id"], RUN: run, "why": why, "given_label": row["given_label"], kind: value}
    return {"data": data, "predictions": [prediction]}


def _record(row: dict[str, Any], content: Shown, why: str, run: str) -> dict[str, Any]:
    kind, value = _content(content)
    suggestion = {"value": row["suggested_label"], "score": row["suggested_probability"], "agent": AGENT}
    return {
        "id": row["id"],
        "fields": {kind: value},
        "metadata": {RUN: run, "why": why, "given_label": row["given_label"]},
        "suggestions": {ANSWER: suggestion},
        "responses": {},
        "vectors": {},
    }


def _config(names: Sequence[str], kind: str) -> str:
    """Returns the labelling config of Label Studio."""
    tag = "Image" if kind == "image" else "Text"
    words = (NOT_IN_XML.sub("\ufffd", name) for name in (*names, NONE_OF_THESE))
    choices = "\n".join(f"    <Choice value={quoteattr(word)}/>" for word in words)
    return (
        f'<View>\n  <{tag} name="row" value="${kind}"/>\n  <Header value="Given label: $given_label"/>\n'
        f'  <Choices name="{ANSWER}" toName="row" choice="single" showInLine="true">\n{choices}\n'
        "  </Choices>\n</View>\n"
    )


def _json(values: Any) -> bytes:
    return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
