"""Functions of the user's own, by dotted path, that raise, end the program, or return something else than they must."""

import contextlib
import itertools
import sys

from tests.hostile.case import Case, Place
from tests.hostile.configs import SOUND

SOURCE = """
import numpy as np
from meta_noise.data.source import Source
LABELS = np.arange(60, dtype=np.int32) % 2
IDS = np.array([f"r{n}" for n in range(60)])
INPUTS = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
def made(**changed):
    return Source(INPUTS, LABELS, IDS, ("a", "b"))._replace(**changed)
def own(path="", part="train"):
    return """
NOISE = """
import numpy as np
from meta_noise.data.corruption import Noisy
def own(rng, labels, num_classes, rate):
    return """
RETURNS = {
    "nothing": "None",
    "a number": "3",
    "a text": "'x'",
    "a list": "[1, 2]",
    "a function": "print",
}
SOURCES = {
    **RETURNS,
    "three arrays": "(INPUTS, LABELS, IDS)",
    "inputs that are a list": "made(inputs=[[1.0]] * 60)",
    "inputs of words": "made(inputs=np.array(['a'] * 60))",
    "inputs of objects": "made(inputs=np.array([None] * 60, object))",
    "inputs of no axis": "made(inputs=np.float32(1))",
    "inputs that are None": "made(inputs=None)",
    "inputs not finite": "made(inputs=INPUTS * np.nan)",
    "fewer inputs": "made(inputs=INPUTS[:7])",
    "fewer labels": "made(labels=LABELS[:7])",
    "fewer ids": "made(ids=IDS[:7])",
    "labels that are a list": "made(labels=[0, 1] * 30)",
    "labels of words": "made(labels=IDS)",
    "labels of fractions": "made(labels=LABELS + 0.5)",
    "labels below 0": "made(labels=LABELS - 5)",
    "labels too large": "made(labels=LABELS + 5)",
    "labels that are None": "made(labels=None)",
    "labels of two axes": "made(labels=LABELS[:, None])",
    "ids twice": "made(ids=IDS[[0] * 60])",
    "ids that are numbers": "made(ids=np.arange(60))",
    "ids that are None": "made(ids=None)",
    "class names that are None": "made(class_names=None)",
    "class names that are a text": "made(class_names='ab')",
    "class names that are numbers": "made(class_names=(1, 2))",
    "no classes": "made(class_names=())",
    "fewer true labels": "made(true_labels=LABELS[:7])",
    "true labels of words": "made(true_labels=IDS)",
    "fewer trusted": "made(trusted=np.ones(7, bool))",
    "trusted that are words": "made(trusted=IDS)",
    "a name that is a number": "made(name=3)",
    "no rows": "made(inputs=INPUTS[:0], labels=LABELS[:0], ids=IDS[:0])",
    "statistics that are a number": "made(statistics=3)",
}
NOISES = {
    **RETURNS,
    "labels alone": "labels",
    "labels that are a list": "Noisy([0] * len(labels), np.eye(num_classes))",
    "labels of words": "Noisy(np.array(['a'] * len(labels)), np.eye(num_classes))",
    "labels of fractions": "Noisy(labels + 0.5, np.eye(num_classes))",
    "labels that are None": "Noisy(None, np.eye(num_classes))",
    "labels too large": "Noisy(labels + 99, np.eye(num_classes))",
    "labels below 0": "Noisy(labels - 99, np.eye(num_classes))",
    "fewer labels": "Noisy(labels[:7], np.eye(num_classes))",
    "no matrix": "Noisy(labels, None)",
    "a matrix of words": "Noisy(labels, 'x')",
    "a small matrix": "Noisy(labels, np.eye(1))",
    "a matrix of three axes": "Noisy(labels, np.zeros((2, 2, 2)))",
    "a matrix that is not finite": "Noisy(labels, np.full((num_classes, num_classes), np.nan))",
    "foreign rows that are words": "Noisy(labels, np.eye(num_classes), 'x')",
    "fewer foreign rows": "Noisy(labels, np.eye(num_classes), np.zeros(7, int))",
    "foreign rows of no set": "Noisy(labels, np.eye(num_classes), np.zeros(len(labels), int))",
}
RAISES = ("raise RuntimeError('no')", "raise SystemExit(7)", "1 / 0", "own()", "raise BaseException", "assert False")
_NUMBER = itertools.count()


def _case(kind: str, head: str, what: str, body: str, **settings) -> Case:
    name = f"hostile_own_{next(_NUMBER)}"

    def words(place: Place):
        place.file(f"{name}.py", head + body + "\n")
        sound = SOUND.replace("name='digits'", f"name='{name}.own'") if kind == "data" else SOUND
        noise = f" | dict(noise=dict(name='{name}.own', rate=0.2))" if kind == "noise" else ""
        config = place.file("settings.py", f"def get_config(arg):\n    return {sound}{noise}\n")
        return ["main", f"--config={config}", f"--workdir={place.here / 'new'}"]

    return Case(f"a {kind} that {what}", words, says=f"{name}.py, line", during=_importable)


@contextlib.contextmanager
def _importable():
    """Looks for modules in the current folder, as `python -m` does."""
    sys.path.insert(0, "")
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        yield
    finally:
        sys.path.remove("")
        sys.dont_write_bytecode = before


CASES = [
    *(_case("data", SOURCE, f"returns {what}", value) for what, value in SOURCES.items()),
    *(_case("noise", NOISE, f"returns {what}", value) for what, value in NOISES.items()),
    *(_case("data", SOURCE.rpartition("return")[0], f"does {line}", line) for line in RAISES),
    *(_case("noise", NOISE.rpartition("return")[0], f"does {line}", line) for line in RAISES),
]
