"""A data set split as arrays: what every file in `sources/` returns."""

import hashlib
from typing import NamedTuple

import numpy as np


class Source(NamedTuple):
    """Rows of one part ("train" or "test") of a data set, in memory, on the host.

    Attributes:
        inputs: [N, ...] uint8 images [N, height, width, channels], float32 vectors [N, D], or int32 tokens [N, L] of
            texts, 0 = padding.
        labels: [N] int32 observed classes in 0..C-1; equal to the truth unless the set comes with its own noise.
        ids: [N] unique str identifiers that stay with a row whatever the order.
        class_names: one str for each of the C classes.
        true_labels: [N] int32 where the truth is known, else None; C for a row that belongs to none of the classes.
        trusted: [N] bool, True where the user knows the label to be right, else None.
        name: for messages and results.
    """

    inputs: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    class_names: tuple[str, ...]
    true_labels: np.ndarray | None = None
    trusted: np.ndarray | None = None
    name: str = "data"

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    def sha256(self) -> str:
        """Returns a digest of all that this data set holds, to tell whether a run folder was made from it."""
        digest = hashlib.sha256(repr((self.name, self.class_names)).encode())
        for array in (self.inputs, self.labels, self.ids, self.true_labels, self.trusted):
            digest.update(b"-" if array is None else repr((array.shape, array.dtype.str)).encode())
            digest.update(b"" if array is None else np.ascontiguousarray(array).data)
        return digest.hexdigest()
