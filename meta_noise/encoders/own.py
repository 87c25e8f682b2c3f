"""A user's own texts or images with the vectors of an encoder as their features, and new rows by the same encoder."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.result import EncodedBy, Own
from meta_noise.data.source import Source
from meta_noise.encoders.encoder import Encoder, opened
from meta_noise.encoders.kept import folder, keeping, key_of
from meta_noise.encoders.progress import Count
from meta_noise.errors import InputError
from meta_noise.terminal import say

TEXTS, IMAGES = 1024, 256  # of a block, which is in memory at once
KINDS = ("texts", "images")
_WHAT = {"texts": "texts", "images": "images", "table": "columns of a table", "features": "ready vectors"}


def fitted_to(settings: Mapping[str, Any], encoder: Encoder | None) -> dict[str, Any]:
    """Returns how data are read for an encoder: image files in the size that it takes, unless one is asked for.

    Raises:
        InputError: there are to be ready vectors, too.
    """
    settings, features = dict(settings), settings.get("features")
    if encoder is not None and features is not None and not (isinstance(features, str) and not features):
        raise InputError("features (--features) and an encoder (--encoder) cannot both give the inputs; give one.")
    if encoder is not None and encoder.side:
        settings |= {"image_side": encoder.side, "image_cut": encoder.is_cut}
    return settings


def with_encoder(own: Own, encoder: Encoder | None, console: Console, keep: bool = True) -> Own:
    """Returns the data with the vectors [N, D] of an encoder as inputs, of kind "features"; as they are without one.

    Vectors are computed in blocks, and kept for the next command, those of a function excepted.

    Args:
        own: texts or images.
        encoder: from `meta_noise.encoders.encoder.opened`.
        console: where progress goes.
        keep: whether they are kept, and what was kept is used.

    Raises:
        InputError: the data are of another kind than the encoder takes, or it gives no vectors.
    """
    if encoder is None:
        return own
    _check_kind(own.kind, own.source.name, encoder)
    say(console, f"Encoder: {encoder.what}{f' ({encoder.path})' * bool(encoder.path)}.")
    test_rows = 0 if own.test is None else len(own.test.labels)
    place = folder() if keep and encoder.sha256 else None
    with Count(console, len(own.source.labels) + test_rows) as count:
        source = _encoded(own.source, own.texts, encoder, place, count)
        test = None if own.test is None else _encoded(own.test, own.test_texts, encoder, place, count)
    width, shape = source.inputs.shape[1], () if own.kind == "texts" else own.source.inputs.shape[1:]
    if test is not None and test.inputs.shape[1] != width:
        raise _unequal(width, test.inputs.shape[1])
    say(console, f"Encoded: {count.said()}; vectors of {width} numbers.")
    by = EncodedBy(own.kind, tuple(shape), encoder.is_cut, encoder.path, encoder.sha256)
    notes = [
        *own.notes,
        f"In place of the {own.kind} there are vectors of {width} numbers by an encoder: {encoder.what}.",
    ]
    return own._replace(source=source, test=test, kind="features", encoded_by=by, notes=notes)


def again(by: EncodedBy, encoder: Any = None) -> Encoder:
    """Returns the encoder that a run was made with.

    Args:
        by: what the run says of it.
        encoder: where it is now, or the function; None for the old place.

    Raises:
        InputError: it is not there, or it is another one, or a function is not given again.
    """
    if not by.sha256:
        if encoder is None:
            raise InputError("The run was made with a function as encoder; give it again by encoder=....")
        return opened(encoder)
    path = by.path if encoder is None else encoder
    if encoder is None and not Path(path).is_dir():
        raise InputError(
            f"The encoder of the run is no longer at {path}; say where that folder is by encoder=... (--encoder)."
        )
    found = opened(path)
    if found.sha256 != by.sha256:
        raise InputError(
            f"The encoder {found.path or 'given'} is not the one that the run was made with, or its files have changed "
            "since; give the folder as it was by encoder=... (--encoder), or start a new run."
        )
    return found


def in_blocks(rows: Any, encoder: Encoder, console: Console | None = None) -> np.ndarray:
    """Returns the vectors [n, D] of new rows, n texts or images [n, H, W, C]; nothing is kept."""
    with Count(console or Console(quiet=True), len(rows)) as count:
        return _joined([vectors for vectors, _ in _blocks(rows, encoder, None, count)])


def _encoded(source: Source, texts: list[str] | None, encoder: Encoder, place: Path | None, count: Count) -> Source:
    """Returns a source with vectors as inputs; which they are is told by the encoder and the rows, not by rounding."""
    blocks = list(_blocks(source.inputs if texts is None else texts, encoder, place, count))
    vectors = _joined([found for found, _ in blocks])
    told = hashlib.sha256(" ".join(key for _, key in blocks).encode()).hexdigest() if encoder.sha256 else ""
    return source._replace(inputs=vectors, inputs_digest=told, pictures=source.inputs if texts is None else None)


def _joined(blocks: list[np.ndarray]) -> np.ndarray:
    """Returns the vectors of all blocks in one array; InputError where they are not equally long."""
    widths = list(dict.fromkeys(block.shape[1] for block in blocks))
    if len(widths) > 1:
        raise _unequal(*widths[:2])
    return np.concatenate(blocks)


def _unequal(first: int, second: int) -> InputError:
    return InputError(f"The encoder gives vectors of {first} numbers, and then of {second}.")


def _blocks(rows: Any, encoder: Encoder, place: Path | None, count: Count) -> Iterator[tuple[np.ndarray, str]]:
    """Yields vectors and keys of blocks of rows."""
    size = IMAGES if isinstance(rows, np.ndarray | Streamed) else TEXTS
    for start in range(0, len(rows), size):
        numbers = np.arange(start, min(start + size, len(rows)))
        block = rows[numbers] if size == IMAGES else rows[start : start + size]
        key = key_of(encoder.sha256, block) if encoder.sha256 else ""
        make = _checked(encoder, block, start)
        vectors, was_kept = keeping(place, key, make) if key else (make(), False)
        count.advance(len(numbers), was_kept)
        yield vectors, key


def _checked(encoder: Encoder, block: Any, start: int) -> Callable[[], np.ndarray]:
    """Returns a function that gives the vectors [n, D] float32 of a block; InputError where they are none."""

    def make() -> np.ndarray:
        found = np.asarray(encoder.vectors(block))
        if found.ndim != 2 or len(found) != len(block) or not found.shape[1] or found.dtype.kind not in "iuf":
            raise InputError(
                f"The encoder must give an array [{len(block)}, D] of numbers for {len(block)} rows; it gives "
                f"{found.dtype} of shape {list(found.shape)}."
            )
        vectors = found.astype(np.float32)
        if len(bad := np.flatnonzero(~np.isfinite(vectors).all(axis=1))):
            raise InputError(f"The encoder gives a vector that is not finite for row {start + bad[0]:,} (from 0).")
        return vectors

    return make


def _check_kind(kind: str, name: str, encoder: Encoder) -> None:
    if kind not in KINDS:
        raise InputError(f"An encoder takes texts or images, and {name} holds {_WHAT[kind]}; leave --encoder out.")
    if encoder.kind not in ("", kind):
        raise InputError(
            f"The encoder {encoder.path} takes {encoder.kind}, and {name} holds {kind}; give an encoder of {kind}."
        )
