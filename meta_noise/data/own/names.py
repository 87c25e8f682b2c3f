"""Words that are understood: usual names of columns, what the user says about them, and cells that name a thing."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from meta_noise.data.own.table import Table
from meta_noise.errors import unknown_name

LABEL = ("label", "labels", "given_label", "noisy_label", "class", "target", "targets", "category", "y")
TRUE_LABEL = ("true_label", "true_labels", "trusted_label", "clean_label", "corrected_label", "gold_label")
INPUTS = ("inputs", "input", "x", "images", "image", "features", "embeddings", "data")
IMAGE = ("image", "img", "picture", "photo", "image_path", "img_path", "path", "file", "filename", "file_name")
TEXT = ("text", "sentence", "content", "document", "review", "comment", "message", "tweet", "body")
FEATURES = ("features", "feature", "embedding", "embeddings", "vector")
ID = ("id", "ids", "uid", "uuid", "guid", "row_id", "example_id", "index", "index_level_0")
TRUSTED = ("trusted", "is_trusted", "clean", "is_clean", "verified", "is_verified")
SPLIT = ("split", "part", "subset", "partition")
PREDICTED = ("predicted_label", "suggested_label", "prediction", "predictions")
OURS = ("label_quality", "is_label_issue", "suggested_probability", "label_source")  # in a file that was cleaned
SAMPLE = 1000  # cells looked at to tell what a column holds

_TRUE = frozenset(("true", "1", "yes", "t", "y"))
_FALSE = frozenset(("false", "0", "no", "f", "n", ""))
_TRAIN = frozenset(("train", "training", "trainset"))
_HELD_OUT = frozenset(
    ("test", "testing", "testset", "valid", "validation", "val", "dev", "eval", "evaluation", "holdout")
)


class Asked(NamedTuple):
    """What the user says about columns: a name, "" for none, None to guess; `features` may name several."""

    label: str | None = None
    image: str | None = None
    text: str | None = None
    id: str | None = None
    trusted: str | None = None
    split: str | None = None
    features: str | Sequence[str] | None = None


def first_of(names: Iterable[str], usual: Sequence[str]) -> str | None:
    """Returns the name that is the likeliest of the `usual` ones, whatever its case and separators."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(plain(name), name)
    return next((found[name] for name in usual if name in found), None)


def plain(name: str) -> str:
    """Returns a name in lower case with single underscores: "Given Label" as "given_label"."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def known_column(table: Table, name: str) -> str:
    """Returns the name of a column, or raises InputError with the nearest one and all of them."""
    if name not in table.columns:
        raise unknown_name(f"column of {table.where}", name, table.columns)
    return name


def listed(table: Table) -> str:
    """Returns the names of the columns for a message."""
    return ", ".join(f"{name:.40}" for name in list(table.columns)[:50]) + (", ..." if len(table.columns) > 50 else "")


def flag_of(text: str) -> bool | None:
    """Returns whether a cell says true; None where it says neither. An empty cell says false."""
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def split_of(text: str) -> str:
    """Returns "train" or "test" for a cell that names a part of the data, "" for any other; valid counts as test."""
    word = text.lower()
    return "train" if word in _TRAIN else "test" if word in _HELD_OUT else ""
