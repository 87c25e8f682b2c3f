"""Small networks that start from files of weights, and what is said about files that do not fit."""

import json
import struct
import sys
from pathlib import Path

import h5py
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy

from meta_noise.config import registry
from meta_noise.errors import DataNotFoundError, InputError
from meta_noise.models.network import to_network
from meta_noise.models.pretrained import published, starting_from
from meta_noise.models.weight_files import read_weights
from meta_noise.runs.run import fit
from tests.models.test_contract import SIDES, SMALL

RESNET = {"depth": 18, "width": 4}


def network(name, classes=5, **settings):
    return to_network(registry.find("models", name)(classes, **{**SMALL[name], **settings}))


def inputs(name):
    side = SIDES.get(name, 8)
    return jax.ShapeDtypeStruct(
        (2, 7) if name == "bert" else (2, side, side, 3), jnp.int32 if name == "bert" else jnp.float32
    )


def drawn(name, **settings):
    """Returns (params, batch_stats) with values that are all different."""
    shapes = jax.eval_shape(network(name, **settings).init, jax.random.key(0), inputs(name))
    rng = np.random.default_rng(0)
    return jax.tree.map(lambda x: rng.normal(size=x.shape).astype(np.float32), shapes)


def torch_resnet(trees):
    """Returns the tensors of ResNet-18 as torchvision has them, written out place by place."""
    params, stats = trees
    tensors = {}

    def put(prefix, block, conv, norm):
        kernel = params[block][conv]["kernel"]
        tensors[f"{prefix[0]}.weight"] = np.einsum("hwio->oihw", kernel).copy()
        for ours, theirs in (("scale", "weight"), ("bias", "bias")):
            tensors[f"{prefix[1]}.{theirs}"] = params[block][norm][ours]
        for ours, theirs in (("mean", "running_mean"), ("var", "running_var")):
            tensors[f"{prefix[1]}.{theirs}"] = stats[block][norm][ours]
        tensors[f"{prefix[1]}.num_batches_tracked"] = np.array(7)

    put(("conv1", "bn1"), "stem", "conv0", "norm0")
    for number in range(8):
        layer = f"layer{number // 2 + 1}.{number % 2}"
        for conv in (0, 1):
            names = (f"{layer}.conv{conv + 1}", f"{layer}.bn{conv + 1}")
            put(names, f"block{number:02d}", f"conv{conv}", f"norm{conv}")
        if number in (2, 4, 6):
            names = (f"{layer}.downsample.0", f"{layer}.downsample.1")
            put(names, f"block{number:02d}", "shortcut_conv", "shortcut_norm")
    tensors["fc.weight"], tensors["fc.bias"] = np.zeros((1000, 32), np.float32), np.zeros(1000, np.float32)
    return tensors


@pytest.fixture
def file(tmp_path):
    safetensors.numpy.save_file(torch_resnet(drawn("resnet")), tmp_path / "model.safetensors")
    return str(tmp_path / "model.safetensors")


def assert_body_equal(one, two):
    for first, second in zip(one, two, strict=True):
        blocks = [name for name in first if name != "head"]
        jax.tree.map(np.testing.assert_array_equal, [first[b] for b in blocks], [second[b] for b in blocks])


def test_init_gives_the_weights_in_the_file(file):
    expected, net = drawn("resnet"), network("resnet")
    shapes = jax.eval_shape(net.init, jax.random.key(0), inputs("resnet"))
    found = published(file, "resnet", RESNET, shapes)
    init = jax.jit(starting_from(net, found).init)
    one, two = (init(jax.random.key(seed), jnp.zeros((2, 64, 64, 3))) for seed in (0, 1))
    assert_body_equal(one, expected)
    assert_body_equal(two, expected)
    kernels = [variables[0]["head"]["linear"]["dense"]["kernel"] for variables in (one, two)]
    assert (kernels[0] != kernels[1]).any() and found.left_out == ("head",)
    del init, one
    plain = jax.eval_shape(net.init, jax.random.key(0), inputs("resnet"))
    assert jax.tree.map(lambda x: (x.shape, x.dtype), two) == jax.tree.map(lambda x: (x.shape, x.dtype), plain)


def test_half_precision_becomes_single(tmp_path):
    tensors = {name: np.asarray(value, np.float16) for name, value in torch_resnet(drawn("resnet")).items()}
    safetensors.numpy.save_file(tensors, tmp_path / "half.safetensors")
    read = read_weights(str(tmp_path / "half.safetensors"))
    assert {value.dtype for value in read.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(read["conv1.weight"], tensors["conv1.weight"].astype(np.float32))


def test_bfloat16_is_read(tmp_path):
    header = json.dumps({"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\x80\x3f\x00\xc0")
    np.testing.assert_array_equal(read_weights(str(tmp_path / "a.safetensors"))["a"], [1.0, -2.0])


def run(path, workdir, name="resnet", **settings):
    images = np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3)).astype(np.uint8)
    config = {"model": {**SMALL[name], "pretrained": path, **settings}, "optimizer": {"lr": 1e-30}}
    config |= {"train": {"epochs": 1, "batch_size": 8}, "method": {"name": "supervised"}}
    return fit(images, np.arange(12) % 3, model=name, method="supervised", workdir=workdir, config=config)


@pytest.mark.slow
def test_a_run_starts_from_them_and_says_so(file, tmp_path):
    fitted = run(file, tmp_path / "run")
    assert fitted.results["start"] == f"resnet starts from {file} (names of torchvision); head starts anew."


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda t: t.pop("conv1.weight"), "1 tensors are lacking: conv1.weight"),
        (lambda t: t.update({"layer9.weight": t["bn1.weight"]}), "1 tensors have no place: layer9.weight"),
        (
            lambda t: t.update({"conv1.weight": t["conv1.weight"][:, :1]}),
            r"conv1.weight \(4, 1, 7, 7\) for stem/conv0/k",
        ),
        (lambda t: t.clear() or t.update(a=np.ones(1)), r"100 tensors are lacking.*1 tensors have no place: a"),
    ],
)
def test_other_networks_are_told_apart(tmp_path, change, message):
    tensors = torch_resnet(drawn("resnet"))
    change(tensors)
    safetensors.numpy.save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=message) as caught:
        run(str(tmp_path / "model.safetensors"), tmp_path / "run")
    assert "\n" not in str(caught.value)


def test_wrong_files_get_one_sentence(file, tmp_path, monkeypatch):
    (tmp_path / "cut.safetensors").write_bytes(Path(file).read_bytes()[:1000])
    for name in ("cut.h5", "model.onnx", "pytorch_model.bin"):
        (tmp_path / name).write_bytes(b"no weights")
    for name, message in {
        "cut.safetensors": "is not a whole .safetensors file",
        "cut.h5": "is not a whole .h5 file",
        "model.onnx": "ends in .onnx; weights are read from",
        "pytorch_model.bin": "may hold pickled code",
        "nowhere.h5": "There is no file of weights",
    }.items():
        with pytest.raises((InputError, DataNotFoundError), match=message) as caught:
            run(str(tmp_path / name), tmp_path / "run")
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="not for model 'preact_resnet'"):
        run(file, tmp_path / "run", "preact_resnet")
    with pytest.raises(InputError, match="Choose the model, and the settings"):
        run(file, tmp_path / "run", width=8)
    for package in ("safetensors", "h5py"):
        monkeypatch.setitem(sys.modules, package, None)
    for name, advice in ((file, "pip install safetensors"), (str(tmp_path / "cut.h5"), "pip install h5py")):
        with pytest.raises(InputError, match=advice):
            read_weights(name)


def test_keras_numbers_its_layers(tmp_path):
    """Layers come in the order of their numbers, wherever these begin, and `:0` behind a name is dropped."""
    with h5py.File(tmp_path / "a.h5", "w") as stored:
        for number in (9, 10, 12):
            stored[f"conv2d_{number}/conv2d_{number}/kernel:0"] = np.full((1, 1, 1, 1), number, np.float32)
        stored["conv_7b/conv_7b/kernel:0"] = np.zeros(3, np.float32)
        stored["batch_normalization/batch_normalization/beta"] = np.zeros(2, np.float32)
    read = read_weights(str(tmp_path / "a.h5"))
    assert set(read) == {f"conv2d {n}/kernel" for n in range(3)} | {"conv_7b/kernel", "batch_normalization 0/beta"}
    assert [read[f"conv2d {n}/kernel"].item() for n in range(3)] == [9, 10, 12]
