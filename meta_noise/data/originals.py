"""Rows as people should see them: the picture in its own size, the text, or the cells, found again by id."""

import base64
import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
from PIL import Image, ImageOps

from meta_noise.data.own.columns import Roles
from meta_noise.data.own.numbers import ready_images
from meta_noise.data.own.picture_files import Picture, picture_files
from meta_noise.data.own.pictures import eight_bit, open_picture
from meta_noise.data.own.table import Table, cells, written
from meta_noise.data.whole import read_whole
from meta_noise.errors import InputError

LARGEST = 400  # pixels of the longer side of a picture
LONGEST = 4000  # characters of a text or a cell
MOST_CELLS = 80


class Original(NamedTuple):
    """A row as it is shown: a picture as a `data:` address, a text, cells as (name, value), each may be missing.

    `is_small` says that the picture has so few pixels that they should be seen as such.
    """

    picture: str = ""
    text: str = ""
    cells: tuple[tuple[str, str], ...] = ()
    is_small: bool = False


def originals(data: Any, settings: Mapping[str, Any], ids: Sequence[str], given: Sequence[str]) -> list[Original]:
    """Returns rows of a user's data, found by their ids; no other picture is decoded.

    Args:
        data: as in `meta_noise.data.own.read`.
        settings: with which it was read.
        ids: k identifiers.
        given: their k given labels, to see that the data are still the same.

    Raises:
        InputError: the data lack a row, or its label is another one.
    """
    whole = read_whole(data, settings)
    table, rows = whole.table, {identity: row for row, identity in enumerate(whole.ids)}
    again = "the data have changed since. Give them as they were, by data=... (--data)."
    if lacking := [identity for identity in ids if identity not in rows]:
        raise InputError(
            f"{table.where} lacks {len(lacking)} of {len(ids)} rows of the run, such as {lacking[0]!r:.60}; {again}"
        )
    for identity, label in zip(ids, given, strict=True):
        if (found := whole.labels[rows[identity]]) != label:
            raise InputError(
                f"Row {identity!r:.60} of {table.where} is labelled {found!r:.60}, not {label!r:.60}; {again}"
            )
    return _shown(table, whole.judged, [rows[identity] for identity in ids])


def _shown(table: Table, roles: Roles, places: list[int]) -> list[Original]:
    if table.inputs is not None and table.inputs.ndim > 2:
        images = ready_images(table.inputs[places], table.where)[0]
        return [_picture(Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)) for image in images]
    if roles.kind == "images":
        name = roles.inputs[0]
        column = table.columns[name]
        assert isinstance(column, pa.ChunkedArray)
        part = table._replace(columns={name: column.take(places)})
        return [_decoded(picture) for picture in picture_files(part, name)[0]]
    if roles.kind == "texts":
        return [Original(text=_cut(written(cell))) for cell in _taken(table.columns[roles.inputs[0]], places)]
    others = (roles.label, roles.trusted, roles.split, roles.id)
    names = [name for name in table.columns if name not in others][:MOST_CELLS]
    if names:
        columns = [[_cut(written(cell)) for cell in _taken(table.columns[name], places)] for name in names]
        return [Original(cells=tuple(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
    if table.inputs is None:
        return [Original()] * len(places)
    vectors = table.inputs[places][:, :MOST_CELLS].tolist()
    return [Original(cells=tuple((str(place), f"{value:g}") for place, value in enumerate(row))) for row in vectors]


def _taken(column: Any, places: list[int]) -> list[Any]:
    return cells(column.take(places)) if hasattr(column, "take") else [cells(column)[place] for place in places]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} [...]"


def _decoded(picture: Picture | None) -> Original:
    """Returns a picture from a file; one that cannot be read is a row without anything to see."""
    if picture is None:
        return Original(text="There is no picture.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with open_picture(picture) as image:
                image.draft("RGB", (LARGEST, LARGEST))
                ImageOps.exif_transpose(image, in_place=True)
                return _picture(image)
        except Exception as error:  # Pillow raises almost anything on damaged bytes
            return Original(text=f"The picture cannot be read ({str(error) or type(error).__name__:.200}).")


def _picture(image: Image.Image) -> Original:
    """Returns a picture as a `data:` address: PNG where it is small, JPEG where it is not."""
    is_small = max(image.size) <= 64
    image = eight_bit(image)
    image = image.convert("L" if image.mode in ("1", "L") else "RGB")
    image.thumbnail((LARGEST, LARGEST))
    form = "PNG" if max(image.size) <= 128 else "JPEG"
    stream = io.BytesIO()
    image.save(stream, form)
    packed = base64.b64encode(stream.getvalue()).decode("ascii")
    return Original(picture=f"data:image/{form.lower()};base64,{packed}", is_small=is_small)
