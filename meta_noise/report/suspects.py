"""The rows to look at first, with their pictures or words where the run kept any."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.report.drawing import passage, shorten
from meta_noise.report.files import damaged, read_arrays, read_object
from meta_noise.report.labels import columns
from meta_noise.report.pictures import data_uri
from meta_noise.report.summary import percent

SHOWN_PICTURES, SHOWN_ROWS = 48, 24
LONGEST_TEXT = 600  # characters
PIXELATED_BELOW = 64


class Suspect(NamedTuple):
    """A suspicious row as the page shows it, all as text; `truth`, `picture` and `text` may be None."""

    id: str
    given: str
    suggested: str
    probability: str | None
    quality: str
    truth: str | None
    is_wrong: bool
    picture: str | None
    is_small: bool
    text: str | None


def suspicious_rows(
    labels: pa.Table, pictures: Mapping[str, np.ndarray], texts: Mapping[str, str] | None = None
) -> list[Suspect]:
    """Returns the rows to look at first: those with pictures or texts where there are any, lowest quality first."""
    texts = texts or {}
    shown_ids, limit = (pictures, SHOWN_PICTURES) if pictures else (texts, SHOWN_ROWS)
    quality = columns(labels).quality
    order = np.argsort(quality, kind="stable")[:SHOWN_ROWS]
    if shown_ids:
        is_shown = pc.is_in(labels["id"].cast(pa.string()), value_set=pa.array(list(shown_ids), pa.string()))
        rows = np.flatnonzero(is_shown.to_numpy())
        if len(rows):
            order = rows[np.argsort(quality[rows], kind="stable")][:limit]
    shown = labels.take(pa.array(order))
    suspects = []
    for row in shown.to_pylist():
        image, text = pictures.get(str(row["id"])), texts.get(str(row["id"]))
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
                text=None if text is None else passage(text, LONGEST_TEXT),
            )
        )
    return suspects


def read_pictures(path: Path) -> dict[str, np.ndarray]:
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


def read_texts(path: Path) -> dict[str, str]:
    """Returns id to words of examples.json, empty where there is none."""
    rows = read_object(path).get("rows") if path.is_file() else {}
    if not isinstance(rows, Mapping):
        raise damaged(path, "expected words by id under 'rows'")
    return {name: str(text) for name, text in rows.items()}


def _quality(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
