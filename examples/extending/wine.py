"""A data set: 178 wines by 13 measurements, which come with scikit-learn; every fourth row is a test row."""

import numpy as np
from sklearn.datasets import load_wine

from meta_noise.data.source import Source


def wine(path: str = "", part: str = "train") -> Source:
    """Returns the training or the test part.

    Args:
        path: not used; a set that lies in files reads them from here, and says where they come from if there are none.
        part: "train" or "test".

    Returns:
        inputs [N, 13] float32 as measured; ids such as "wine-007".
    """
    del path
    if part not in ("train", "test"):
        raise ValueError(f"part is {part!r}; it must be 'train' or 'test'")
    inputs, labels = load_wine(return_X_y=True)  # [178, 13], [178]
    rows = np.flatnonzero((np.arange(len(labels)) % 4 == 0) == (part == "test"))
    ids = np.array([f"wine-{row:03d}" for row in rows])
    truth = labels[rows].astype(np.int32)
    return Source(inputs[rows].astype(np.float32), truth, ids, ("one", "two", "three"), truth.copy(), name="wine")
