"""Rows that may belong to several classes at once."""

from typing import NamedTuple

import numpy as np

from meta_noise.data.multilabel.form import Form
from meta_noise.data.own import Own


class Multilabel(NamedTuple):
    """A user's own data of N rows and L classes.

    Attributes:
        own: the rows; a class of `own` is a set of labels (`meta_noise.data.multilabel.form.written_set`).
        names: [L] classes.
        given: [N, L] int8, 1 where the row has the label as the data have it, 0 where not, -1 in rows that only a
            trusted file holds.
        labels: [N, L] int8, the same with trusted labels in place of given ones.
        trusted: [N] bool.
        form: how labels are written.
    """

    own: Own
    names: tuple[str, ...]
    given: np.ndarray
    labels: np.ndarray
    trusted: np.ndarray
    form: Form

    def came(self, place: int | slice = slice(None)) -> np.ndarray:
        """Returns [N, L] int8, or [N] of one class: labels as the data have them, or as a trusted file has the row."""
        given = self.given[:, place]
        return np.where(given < 0, self.labels[:, place], given)

    @property
    def is_counted(self) -> bool:
        """Whether some given labels of trusted rows are wrong, so that they stand for those of other rows."""
        return bool(np.any((self.given != self.labels) & (self.given >= 0)))
