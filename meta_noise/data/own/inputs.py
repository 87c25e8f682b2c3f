"""The inputs of a table, as far as they are read before images are decoded."""

from typing import Any, NamedTuple

from meta_noise.data.own.columns import Roles
from meta_noise.data.own.numbers import numbers, vectors
from meta_noise.data.own.picture_files import picture_files
from meta_noise.data.own.ready import ready_images, ready_vectors
from meta_noise.data.own.table import Table, cells, written


class Inputs(NamedTuple):
    """Inputs of N rows.

    Attributes:
        values: [N, ...] array, or a list of N texts or of where images are; None where the table holds none.
        bad: row -> what is wrong with it.
        names: N paths of images as written, where there are any.
        notes: what was done.
    """

    values: Any
    bad: dict[int, str]
    names: list[str] | None = None
    notes: tuple[str, ...] = ()


def read_inputs(table: Table, roles: Roles) -> Inputs:
    """Returns the inputs of all rows of a table."""
    if roles.kind is None:
        return Inputs(None, {})
    if table.inputs is not None and roles.kind == "images":
        values, bad, notes = ready_images(table.inputs, table.where)
        return Inputs(values, bad, notes=notes)
    if table.inputs is not None:
        return Inputs(*ready_vectors(table.inputs, table.where))
    if roles.kind == "images":
        pictures, names, bad = picture_files(table, roles.inputs[0])
        return Inputs(pictures, bad, names)
    if roles.kind == "texts":
        texts = ["" if cell is None else cell for cell in cells(table.columns[roles.inputs[0]])]
        empty = f"column {roles.inputs[0]!r} holds no text"
        return Inputs(texts, {row: empty for row, text in enumerate(texts) if not written(text)})
    read = numbers(table, roles.inputs) if roles.kind == "table" else vectors(table, roles.inputs[0])
    return Inputs(*read)
