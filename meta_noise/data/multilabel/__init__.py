"""A user's own data with several labels a row: `read_multilabel(path_or_frame) -> Multilabel`."""

from meta_noise.data.multilabel.multilabel import Multilabel
from meta_noise.data.multilabel.reading import read_multilabel

__all__ = ["Multilabel", "read_multilabel"]
