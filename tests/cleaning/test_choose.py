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


@pytest.mark.parametrize("trusted", [0, 10])
@pytest.mark.parametrize(("kind", "shape"), [("table", (3,)), ("images", (8, 8, 1)), ("texts", (3,))])
def test_the_network_learns_what_is_believed_by_plain_training(kind, shape, trusted):
    chosen = choose(own(kind, trusted=trusted, shape=shape))
    assert chosen.config.method.name == "supervised"
    assert chosen.reasons[-1].startswith("Method supervised: the network learns the labels that the candidates")
    assert not chosen.config.clean.auto and chosen.config.clean.train_on == ("both" if trusted else "noisy")


@pytest.mark.parametrize(("method", "trusted", "auto"), [("famus", 0, True), ("ieg", 10, False), ("mw_net", 0, True)])
def test_a_method_without_trusted_rows_guesses_them(method, trusted, auto):
    assert choose(own(trusted=trusted), method=method).config.clean.auto == auto


def test_what_is_asked_for_is_taken():
    chosen = choose(own("images", shape=(8, 8, 1)), method="l2r", model="wide_resnet", epochs=3)
    assert chosen.config.method.name == "l2r" and chosen.config.model.name == "wide_resnet"
    assert (
        chosen.config.train.epochs == 3
        and "Method l2r, as asked for, on the labels as they are given." in chosen.reasons
    )


def test_too_few_rows():
    with pytest.raises(InputError, match="3 rows are left"):
        choose(own(rows=3))


@pytest.mark.parametrize(
    ("kind", "model", "said"),
    [
        ("table", "cnn", "does not take numbers; give mlp"),
        ("images", "bert", "does not take images; give mlp"),
        ("texts", "mlp", "does not take texts; give word_average, bert, twitter_mlp"),
    ],
)
def test_a_network_for_other_inputs_is_refused(kind, model, said):
    with pytest.raises(InputError, match=said):
        choose(own(kind), model=model)
