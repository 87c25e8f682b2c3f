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
    """
    found = audit.inspect(read(data, **{"skip_bad": True, **settings}))
    return Inspection(json.loads(json.dumps(found)))
