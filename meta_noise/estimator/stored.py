"""A trained network of this library in memory, as the two files of a run folder: it pickles as plain bytes."""

import functools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.new_rows import new_inputs
from meta_noise.runs.trained import ARRAYS, MODEL, Trained, finite, in_batches, load


class StoredNetwork:
    """A network that predicts; what is loaded from its bytes is not pickled with it."""

    def __init__(self, files: dict[str, bytes], allow: tuple[str, ...] = ()):
        """Takes the content of the files by name, and names of networks outside this library that may be imported."""
        self.files, self.allow = files, allow

    @functools.cached_property
    def loaded(self) -> Trained:
        """The network as `meta_noise.load` gives it."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in self.files.items():
                (Path(folder) / name).write_bytes(content)
            return load(folder, self.allow)

    def predict_proba(self, rows: Any) -> np.ndarray:
        """Returns probabilities [n, C] of new rows."""
        return finite(in_batches(self.loaded.compiled, new_inputs(rows, self.loaded.reader)))

    def __getstate__(self) -> dict[str, Any]:
        return {"files": self.files, "allow": self.allow}


def stored(folder: Path, allow: tuple[str, ...] = ()) -> StoredNetwork:
    """Returns the network of a run folder."""
    return StoredNetwork({name: (folder / name).read_bytes() for name in (MODEL, ARRAYS)}, allow)
