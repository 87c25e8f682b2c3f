"""The names and shapes in published files, as lists made by the publishers' own code, are matched one for one."""

from pathlib import Path

import jax
import numpy as np
import pytest

from meta_noise.config import registry
from meta_noise.models import pretrained
from meta_noise.models.network import to_network

LISTS = Path(__file__).parents[2] / "golden" / "published"
FILES = {
    "resnet_torchvision": ("torchvision", (2, 224, 224, 3), 23_508_032, ("head",)),
    "resnet_hugging_face": ("Hugging Face", (2, 224, 224, 3), 23_508_032, ("head",)),
    "inception_resnet_v2_timm": ("timm", (2, 299, 299, 3), 54_306_464, ("head",)),
    "bert_hugging_face": ("Hugging Face", (2, 128), 109_482_240, ("head",)),
}


def listed(file):
    """Returns arrays of the listed names and shapes that take no memory."""
    lines = [line.split(" ") for line in (LISTS / f"{file}.txt").read_text().splitlines()]
    zero = np.zeros((), np.float32)
    return {name: np.broadcast_to(zero, tuple(map(int, shape.split("x")))) for name, shape in lines}


def model_of(file):
    return next(name for name in ("resnet", "inception_resnet_v2", "bert") if file.startswith(name))


def trees(model, shape, classes=14):
    inputs = jax.ShapeDtypeStruct(shape, np.int32 if len(shape) == 2 else np.float32)
    return jax.eval_shape(to_network(registry.find("models", model)(classes)).init, jax.random.key(0), inputs)


def matched(monkeypatch, model, tensors, shape, **settings):
    monkeypatch.setattr(pretrained, "read_weights", lambda path: tensors)
    return pretrained.published("file", model, settings, trees(model, shape))


def renamed(tensors, *pairs):
    for before, after in pairs:
        tensors = {name.replace(before, after): value for name, value in tensors.items()}
    return tensors


@pytest.mark.parametrize("file", FILES)
def test_every_tensor_has_its_place(monkeypatch, file):
    publisher, shape, count, left_out = FILES[file]
    monkeypatch.setattr(np, "ascontiguousarray", np.asarray)  # the arrays stay without memory
    found = matched(monkeypatch, model_of(file), listed(file), shape)
    assert (found.publisher, found.left_out) == (publisher, left_out)
    assert sum(value.size for place, value in found.values.items() if place[0].idx == 0) == count


@pytest.mark.parametrize(
    "pairs, dropped, left_out",
    [
        ([("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")], "-", ("head",)),
        ([("bert.", "")], "cls.", ("head",)),
        ([], "bert.pooler", ("pooler", "head")),
    ],
)
def test_variants_of_bert_files(monkeypatch, pairs, dropped, left_out):
    monkeypatch.setattr(np, "ascontiguousarray", np.asarray)
    tensors = renamed({n: v for n, v in listed("bert_hugging_face").items() if not n.startswith(dropped)}, *pairs)
    found = matched(monkeypatch, "bert", tensors, (2, 128))
    assert found.left_out == left_out and len(found.values) == 199 - 2 * len(left_out) + 2
