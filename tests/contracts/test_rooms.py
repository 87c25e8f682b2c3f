"""What the functions of a room take first is the same for all of them, so that a new file is used without an edit."""

import inspect

import pytest

from meta_noise.config import registry
from meta_noise.core import meta_rules
from meta_noise.train.optimizers import OPTIMIZERS, SCHEDULES

FIRST = {  # room -> names of the first parameters, in order
    "methods": (),
    "losses": ("logits", "targets"),
    "models": ("num_classes",),
    "data.sources": ("path", "part"),
    "data.noise": ("rng", "labels", "num_classes", "rate"),
    "data.augment": ("key", "images"),
}
ONE_PART = {"arrays"}  # made of arrays, not of files
ASKED = {"forward_corrected"}  # has a setting that only the user can know: the matrix
CASES = [(room, name) for room in FIRST for name in registry.names(room)]


def parameters(function):
    return inspect.signature(function).parameters


@pytest.mark.parametrize(("room", "name"), CASES)
def test_first_arguments(room, name):
    found = parameters(registry.find(room, name))
    if name not in ONE_PART:
        assert tuple(found)[: len(FIRST[room])] == FIRST[room]
    for parameter, known in found.items():  # what the library fills in comes first or has a default
        if parameter not in registry.ROOMS[room].arguments and name not in ONE_PART | ASKED:
            assert known.default is not inspect.Parameter.empty, f"setting {parameter!r} of {name} has no default"


def test_what_the_library_fills_in_is_named_once():
    for room, first in FIRST.items():
        assert set(first) <= set(registry.ROOMS[room].arguments)
    assert set(FIRST) == set(registry.ROOMS)


def test_tables_of_functions():
    given = ("lr", "steps", "steps_per_epoch", "before")
    assert all(tuple(parameters(f))[:4] == given for f in SCHEDULES.values())
    rules = {name for name in OPTIMIZERS if hasattr(meta_rules, name)}
    assert all(tuple(parameters(OPTIMIZERS[name]))[:1] == ("lr",) for name in set(OPTIMIZERS) - rules)
