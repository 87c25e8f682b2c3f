"""Networks: one file per architecture, found by its name; others by `from_flax` and `from_functions`."""

from meta_noise.models.flax_module import from_flax
from meta_noise.models.functions import from_functions

__all__ = ["from_flax", "from_functions"]
