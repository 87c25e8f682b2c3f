"""Rows in words, for people who look at them."""

from collections.abc import Callable

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.result import Own

LONGEST, COLUMNS = 600, 8  # characters of a text, columns of a table


def shown(own: Own) -> Callable[[int], str] | None:
    """Returns `row -> words` of the rows of `own.source`: a text, or numbers with their columns; None for others."""
    if own.texts is not None:
        texts = own.texts
        return lambda row: texts[row] if len(texts[row]) <= LONGEST else f"{texts[row][:LONGEST]}..."
    if not own.columns or isinstance(own.source.inputs, Streamed):
        return None
    more = ", ..." if len(own.columns) > COLUMNS else ""
    named, numbers = list(enumerate(own.columns))[:COLUMNS], own.source.inputs
    return lambda row: ", ".join(f"{name} {numbers[row][place]:g}" for place, name in named) + more
