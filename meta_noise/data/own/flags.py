"""Cells that say yes or no, and cells that name a part of the data."""

_TRUE = frozenset(("true", "1", "yes", "t", "y"))
_FALSE = frozenset(("false", "0", "no", "f", "n", ""))
_TRAIN = frozenset(("train", "training", "trainset"))
_HELD_OUT = frozenset(
    ("test", "testing", "testset", "valid", "validation", "val", "dev", "eval", "evaluation", "holdout")
)


def flag_of(text: str) -> bool | None:
    """Returns whether a cell says true; None where it says neither. An empty cell says false."""
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def split_of(text: str) -> str:
    """Returns "train" or "test" for a cell that names a part of the data, "" for any other; valid counts as test."""
    word = text.lower()
    return "train" if word in _TRAIN else "test" if word in _HELD_OUT else ""
