"""What may be asked for beside the data; checked before anything is read."""

from meta_noise.config.registry import names
from meta_noise.errors import InputError, unknown_name

LARGEST_SEED, MOST_EPOCHS = 2**31 - 1, 10**6


def check_asked(method: str = "", model: str = "", epochs: int = 0, seed: int = 0) -> None:
    """Raises InputError where a choice that is not left to the data cannot be met.

    Args:
        method, model: names in `meta_noise.methods` and `meta_noise.models`, dotted paths, or empty: chosen.
        epochs: 1 to `MOST_EPOCHS`, or 0: chosen.
        seed: below 2^31.
    """
    for room, kind, name in (("methods", "method", method), ("models", "model", model)):
        if name and "." not in name and name not in (known := names(room)):
            raise unknown_name(kind, name, known)
    if epochs > MOST_EPOCHS:
        raise InputError(f"epochs is {epochs!r:.40}; give {MOST_EPOCHS:,} at most.")
    if epochs < 0:
        raise InputError(f"epochs is {epochs}; give 1 or more, or leave it out to have it chosen.")
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"seed is {seed}; give a whole number from 0 to {LARGEST_SEED}.")
