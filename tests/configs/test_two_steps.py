"""Every config file takes a few steps on a stand-in of its data, and the step of every argument can be compiled.

In the default run a network for tests takes the place of the real one, whose parameters are only counted; with
`-m slow` every argument takes its steps with a small form of its own network.
"""

import json
from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import pytest

from meta_noise.build.facts import Facts
from meta_noise.build.method import make_method, make_network
from meta_noise.build.optimizer import Lengths
from meta_noise.config import registry
from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.config.parse import parse
from meta_noise.runs import run as runs
from meta_noise.types import Batch
from tests.configs.found import CASES, CONFIGS, name_of, resolved_of
from tests.models.test_contract import SMALL
from tests.stand_ins import STAND_INS
from tests.texts import write_pieces

CLASSES, ROWS = 10, 8
OF_TEXTS = ("word_average", "bert", "twitter_mlp")
TINY = {
    "mlp": {"hidden": [4]},
    "word_average": {"width": 4, "hidden": 4},
    "bert": {**SMALL["bert"], "layers": 1, "positions": 16},
    "twitter_mlp": {"hidden": [4]},
}
ONE_EPOCH = {"epochs": 1, "steps": 0, "epoch_steps": 0, "warmup_steps": 0}  # of the rows that there are
QUICK = {"animal10n", "cifar_n", "clothing1m", "cnwl", "digits", "food101n", "webvision_mini"}  # by default
SIDES = {"resnet": 224, "inception_resnet_v2": 299}  # of other networks for images: 32


def tiny(section):
    """Returns the section of a network for tests that takes the same inputs."""
    name = section["name"] if section["name"] in OF_TEXTS else "mlp"
    return {"name": name, **TINY[name], **({"head": section["head"]} if section.get("head") == "normalised" else {})}


def small(section):
    """Returns a small form of the network itself."""
    own = TINY.get(section["name"], SMALL.get(section["name"], {}))
    return merge(section, {key: list(value) if isinstance(value, tuple) else value for key, value in own.items()})


def run(path, argument, folder, network, batch=0, devices=1):
    """Returns the results of a run of one epoch, after a short warm-up where there is one.

    Args:
        path: of the config.
        argument: of it.
        folder: of the data and the run.
        network: the section of the real network -> that of one for tests.
        batch: rows at most, 0: so many that there are two or three steps.
        devices: 0 for all.
    """
    config, full = load(f"{path}:{argument}"), resolved_of(path, argument)
    name = full["data"]["name"]
    if name not in STAND_INS:
        pytest.skip(f"the data set {name} has no stand-in in tests/stand_ins.py")
    data = {key: config["data"][key] for key in ("name", "labels") if key in config["data"]}
    data |= STAND_INS[name](folder)
    if full["model"]["name"] == "bert":
        data["word_pieces"] = write_pieces(folder)
    given = {key: value for key, value in data.items() if key not in ("name", "limit")}
    source = registry.find("data.sources", name)(**given)
    clean = source.num_classes if full["clean"]["size"] else 0
    rows = (data.get("limit") or len(source.labels)) - clean
    batch = min(batch, rows) or rows // 3 // 2 * 2
    warm = full["train"]["warmup_epochs"] + full["train"]["warmup_steps"] > 0
    config["data"], config["model"] = data, network(full["model"])
    if full["noise"]["name"] == "open_set":  # whose other set is another one; tests/data/noise/test_open_set.py
        config["noise"] = {"name": "none", "rate": 0.0}
    changes = {
        "clean": {"size": clean, "selection": 0},
        "train": {**ONE_EPOCH, "warmup_epochs": int(warm), "batch_size": batch, "clean_batch_size": 8},
    }
    return runs.run(
        merge(config, merge(changes, {"train": {"eval_batch_size": 16, "devices": devices}})), folder / "run"
    ).results


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.slow] * (name_of(path) not in QUICK)) for path in CONFIGS],
    ids=name_of,
)
def test_a_file_runs(path, tmp_path):
    argument = next(argument for other, argument in CASES if other == path)
    results = run(path, argument, tmp_path, tiny)
    trainings = 2 if resolved_of(path, argument)["method"]["name"] == "glc" else 1  # it begins anew
    assert results["steps"] in (2 * trainings, 3 * trainings) and results["accuracy"]["measured_on"] == "test"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_every_argument_runs_with_a_small_form_of_its_network(case, tmp_path):
    results = run(*case, tmp_path, small)
    assert results["steps"] >= 2 and results["accuracy"]["measured_on"] == "test"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_step_of_every_argument_can_be_traced(case):
    config = resolved_of(*case)
    sections = {key: config[key] for key in ("optimizer", "method", "schedule", "meta", "view")}
    sections |= {"model": tiny(config["model"]), "train": {"warmup_epochs": config["train"]["warmup_epochs"]}}
    traced(json.dumps(sections, sort_keys=True))


@cache
def traced(sections):
    """Traces the step of a method with a tiny network; several arguments differ in data only, and share it."""
    given = json.loads(sections)
    config = parse(given) if given["meta"] else replace(parse(given), meta=None)
    network = make_network(config.model, CLASSES)
    method = make_method(config, network, Lengths(100, 10), Facts((10,) * CLASSES, 100))
    views, pair = int(bool(config.view.name)) * config.view.count, (2,) * (method.copies == 2)
    steps = 1 if config.meta is None else config.meta.steps
    batch, clean = (_batch(config.model.name, views, (*pair, rows)) for rows in (ROWS * steps, ROWS))
    key = jax.eval_shape(jax.random.key, 0)
    state = jax.eval_shape(method.init, key, batch)
    after, info = jax.eval_shape(method.step, key, state, batch, clean)
    assert jax.tree.map(lambda x: (x.shape, x.dtype), after) == jax.tree.map(lambda x: (x.shape, x.dtype), state)
    assert info.loss.shape == ()


def _batch(model, views, rows):
    image = jax.ShapeDtypeStruct((*rows, 16), jnp.int32) if model in OF_TEXTS else None
    image = image or jax.ShapeDtypeStruct((*rows, 8, 8, 3), jnp.float32)
    number = jax.ShapeDtypeStruct(rows, jnp.int32)
    return Batch(image, number, number, views=(image,) * views, epoch=jax.ShapeDtypeStruct((), jnp.float32))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_network_of_every_argument_can_be_made(case):
    assert parameters(json.dumps(resolved_of(*case)["model"], sort_keys=True)) > 0


@cache
def parameters(section):
    """Returns the number of parameters of a network for inputs of the usual size."""
    settings = json.loads(section)
    network, side = make_network(parse({"model": settings}).model, CLASSES), SIDES.get(settings["name"], 32)
    texts = settings["name"] in OF_TEXTS
    inputs = jax.ShapeDtypeStruct((2, 16) if texts else (2, side, side, 3), jnp.int32 if texts else jnp.float32)
    return sum(leaf.size for leaf in jax.tree.leaves(jax.eval_shape(network.init, jax.random.key(0), inputs)[0]))
