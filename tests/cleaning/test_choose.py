"""What is chosen for data without a config."""

import numpy as np
import pytest

from meta_noise.cleaning.choose import choose
from meta_noise.data.own import Own
from meta_noise.data.source import Source
from meta_noise.errors import InputError


def own(kind="table", rows=400, classes=4, trusted=0, shape=(3,)):
    """Returns data with `trusted` trusted rows of each class."""
    labels = np.arange(rows) % classes
    mask = np.arange(rows) < trusted * classes
    dtype = np.uint8 if kind == "images" else np.float32
    inputs = np.broadcast_to(np.zeros(1, dtype), (rows, *shape))
    names = tuple("abcdefghi"[:classes])
    ids = np.array([f"r{row}" for row in range(rows)])
    texts = ["some words"] * rows if kind == "texts" else None
    source = Source(inputs, labels, ids, names, trusted=mask if trusted else None)
    return Own(source, kind, names, labels, (), texts, None, None, [], [], [])


@pytest.mark.parametrize(
    ("data", "on_cpu", "method"),
    [
        (own(trusted=10), True, "ieg"),
        (own(trusted=9), True, "famus"),  # too few to learn from
        (own(), True, "famus"),
        (own(rows=20_000), True, "mw_net"),
        (own(rows=21_000, trusted=10), False, "l2r"),
        (own("images", 5_000, shape=(8, 8, 1)), True, "mw_net"),
        (own("images", 5_000, shape=(8, 8, 1)), False, "famus"),
        (own("images", 5_100, trusted=20, shape=(8, 8, 1)), True, "l2r"),
        (own("texts", 1_200), True, "mw_net"),
        (own("texts", 1_100), True, "supervised"),
        (own("texts", 1_100, trusted=3), True, "l2r"),
        (own("texts", 1_100, trusted=2), True, "supervised"),
    ],
)
def test_method(data, on_cpu, method):
    chosen = choose(data, on_cpu=on_cpu)
    assert chosen.config.method.name == method
    assert chosen.reasons[-1].startswith(f"Method {method}")
    has_trusted = data.source.trusted is not None
    clean = chosen.config.clean
    assert clean.auto == (not has_trusted and method != "supervised")
    assert clean.train_on == ("both" if method == "supervised" and has_trusted else "noisy")


def test_what_is_asked_for_is_taken():
    chosen = choose(own(), method="l2r", model="wide_resnet", epochs=3)
    assert chosen.config.method.name == "l2r" and chosen.config.model.name == "wide_resnet"
    assert chosen.config.train.epochs == 3 and "Method l2r, as asked for." in chosen.reasons


def test_too_few_rows():
    with pytest.raises(InputError, match="3 rows are left"):
        choose(own(rows=3))
