"""The views of each kind of data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import scipy.sparse as sp

from meta_noise.cleaning.views.images import picture_vectors
from meta_noise.cleaning.views.numbers import radial, standardised
from meta_noise.cleaning.views.texts import terms, topics

Matrix: TypeAlias = np.ndarray | sp.csr_matrix


class Late(Mapping[str, Matrix]):
    """Matrices that are made when they are first asked for, and kept."""

    def __init__(self, makers: Mapping[str, Callable[[], Matrix]]) -> None:
        self._makers, self._made = dict(makers), dict[str, Matrix]()

    def __getitem__(self, name: str) -> Matrix:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Views(NamedTuple):
    """Matrices of the same rows.

    Attributes:
        linear: name -> [N, D] float32, dense or sparse, the mean squared length of a row being about one.
        near: [N, D] float32 dense vectors whose distances mean something, for neighbours.
        numbers: [N, D] float32 columns as they are, for trees; None where the data are no table.
        what: the views in words.
        near_as: the name under which `near` stands among the linear views; "" where it does not.
    """

    linear: Mapping[str, Matrix]
    near: np.ndarray
    numbers: np.ndarray | None
    what: str
    near_as: str = ""


def make_views(kind: str, inputs: Any, texts: Sequence[str] | None = None, seed: int = 0) -> Views:
    """Returns the views of N rows.

    Args:
        kind: "images", "texts", "table" (numeric columns) or "features" (ready vectors).
        inputs: [N, ...] array of uint8 images, in memory or streamed, or numbers; not looked at for texts.
        texts: N texts where `kind` says so, or where the vectors are an encoder's; their words are then a view, too.
        seed: of what is drawn.
    """
    if kind == "texts":
        sparse = terms(texts or ())
        dense = topics(sparse, seed)
        return Views({"terms": sparse, "topics": dense}, dense, None, "words and character n-grams (tf-idf)", "topics")
    if kind == "images":
        dense, short = picture_vectors(inputs, seed)
        return Views({"pictures": dense}, short, None, "patches, edges and colours")
    values = standardised(inputs.reshape(len(inputs), -1))
    table = inputs.astype(np.float32) if kind == "table" else None
    what = "the numbers as they are" if kind == "table" else "the ready vectors"
    linear: dict[str, Callable[[], Matrix]] = {"numbers": lambda: values, "radial": lambda: radial(values, seed)}
    if texts is not None:
        what, linear["terms"] = "the vectors of the encoder", lambda: terms(texts)
    return Views(Late(linear), values, table, what, "numbers")
