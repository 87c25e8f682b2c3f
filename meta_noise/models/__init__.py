"""Networks: one file per architecture, found by its name; others by `from_flax` and `from_functions`.

The two are imported when they are first used, so that the names of this room can be listed without JAX.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meta_noise.models.flax_module import from_flax
    from meta_noise.models.functions import from_functions

_HOMES = {"from_flax": "flax_module", "from_functions": "functions"}

__all__ = ["from_flax", "from_functions"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'meta_noise.models' has no attribute {name!r}")
    return getattr(importlib.import_module(f"meta_noise.models.{_HOMES[name]}"), name)
