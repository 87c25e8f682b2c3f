"""`meta_noise.inspect`: what can be told about labels before any training, from Python."""

import json
from typing import Any

from meta_noise.cleaning import audit
from meta_noise.data.own import read
from meta_noise.report.inspection import Inspection


def inspect(data: Any, **settings: Any) -> Inspection:
    """Returns what can be told about noisy labels without training: noise, classes, duplicates, trusted rows.

    Args:
        data: a file, a folder, a frame, or arrays with `label=` as values; see `meta_noise.data.own.read`.
        settings: of `meta_noise.data.own.read`: trusted, label, image, text, id, split, features, ...

    Raises:
        InputError: the data cannot be used; the message says what would be.

    >>> import numpy as np
    >>> import meta_noise
    >>> rng = np.random.default_rng(0)
    >>> kinds = np.arange(90) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(90, 3))
    >>> given = np.where(rng.random(90) < 0.2, (kinds + 1) % 3, kinds)
    >>> rows = {"id": np.arange(90), "a": points[:, 0], "b": points[:, 1], "c": points[:, 2]}
    >>> rows["label"] = ["xyz"[one] for one in given]
    >>> found = meta_noise.inspect(rows)
    >>> type(found).__name__
    'Inspection'
    """
    found = audit.inspect(read(data, **{"skip_bad": True, **settings}))
    return Inspection(json.loads(json.dumps(found)))
