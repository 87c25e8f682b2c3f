"""A data set split as arrays: what every file in `sources/` returns."""

import hashlib
from typing import NamedTuple

import numpy as np

from meta_noise.data.images.streamed import Streamed


class Source(NamedTuple):
    """Rows of one part ("train" or "test") of a data set, in memory, on the host, or streamed from disk.

    Attributes:
        inputs: [N, ...] uint8 images [N, height, width, channels], float32 vectors [N, D], or int32 tokens [N, L] of
            texts, 0 = padding; or `Streamed` images.
        labels: [N] int32 observed classes in 0..C-1; equal to the truth unless the set comes with its own noise.
        ids: [N] unique str identifiers that stay with a row whatever the order.
        class_names: one str for each of the C classes.
        true_labels: [N] int32 where the truth is known, else None; C for a row that belongs to none of the classes.
        trusted: [N] bool, True where the user knows the label to be right, else None.
        name: for messages and results.
        statistics: mean and deviation of the channels, [C] each, to normalise with; measured where None.
    """

    inputs: np.ndarray | Streamed
    labels: np.ndarray
    ids: np.ndarray
    class_names: tuple[str, ...]
    true_labels: np.ndarray | None = None
    trusted: np.ndarray | None = None
    name: str = "data"
    statistics: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    def sha256(self) -> str:
        """Returns a digest of all that this data set holds, to tell whether a run folder was made from it."""
        digest = hashlib.sha256(repr((self.name, self.class_names)).encode())
        inputs = self.inputs
        if isinstance(inputs, Streamed):
            digest.update(inputs.digest.encode())
            inputs = inputs.numbers
        for array in (inputs, self.labels, self.ids, self.true_labels, self.trusted):
            digest.update(b"-" if array is None else repr((array.shape, array.dtype.str)).encode())
            digest.update(b"" if array is None else np.ascontiguousarray(array).data)
        return digest.hexdigest()
