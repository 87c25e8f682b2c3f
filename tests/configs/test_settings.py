"""Settings against the papers: the page docs/papers/settings.md says what configs give, and how long runs are."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from meta_noise.build.job import calendar_of
from meta_noise.config.cifar import LAST_GROUP, famus_steps
from meta_noise.config.parse import parse
from meta_noise.core.cotangents import forward_order, tensor_names
from meta_noise.methods import ieg, mlc_lcn
from meta_noise.train.optimizers import SCHEDULES
from tests.configs.found import resolved_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/papers/settings.md"
CELL = re.compile(r"^`([^`]*)`$")


def lines():
    """Returns the rows of all tables of the page, each a list of cells."""
    rows = [line.strip().strip("|").split("|") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return [[cell.strip() for cell in row] for row in rows if len(row) > 1 and CELL.match(row[0].strip())]


@cache
def config_of(name):
    file, argument = name.split(":", 1)
    return resolved_of(ROOT / "configs" / file, argument)


def at(config, key):
    for part in key.split("."):
        config = config[part]
    return config


@pytest.mark.parametrize("row", lines(), ids=lambda row: f"{row[0]} {row[1]}")
def test_ours_is_what_the_config_gives(row):
    name, key, paper, code, ours, _ = row
    name, key, value = (CELL.match(cell).group(1) for cell in (name, key, ours))
    found, stated = at(config_of(name), key), json.loads(value)
    assert found == stated and isinstance(found, bool) == isinstance(stated, bool), f"{name} has {key} = {found!r}"
    assert paper and code


def test_no_setting_is_stated_twice():
    pairs = [(row[0], row[1]) for row in lines()]
    assert len(set(pairs)) == len(pairs) > 100


def rates(name, rows):
    """Returns (calendar, learning rate before every step) of a run with so many training rows."""
    config = parse(config_of(name))
    calendar = calendar_of(config.train, rows // config.train.batch_size)
    section = config.schedule
    schedule = SCHEDULES[section.name](
        config.optimizer.lr, calendar.steps, calendar.epoch, calendar.warm, **section.settings
    )
    return calendar, schedule


@pytest.mark.parametrize(
    ("name", "rows", "warm", "steps", "drops"),
    [
        ("cifar10.py:", 44_000, 0, 58_800, {39_200: 0.1, 49_000: 0.1}),
        ("cifar10.py:mlc_lcn", 44_000, 0, 58_800, {39_200: 0.1, 49_000: 0.1}),
        ("cifar10.py:mw_net,wide", 44_000, 0, 20_000, {18_000: 0.1, 19_000: 0.1}),
        ("cifar10.py:l2r", 44_000, 0, 80_000, {40_000: 0.1, 60_000: 0.1}),
        ("cifar10.py:l2r,wide", 44_000, 0, 60_000, {40_000: 0.1, 50_000: 0.1}),
        ("cifar10.py:mlc_t", 49_500, 30_000, 50_000, {30_000: 1e-3}),
        ("cifar100.py:famus", 50_000, 30 * 390, 300 * 472, {30 * 390 + 200 * 472: 0.1, 30 * 390 + 250 * 472: 0.1}),
        ("cnwl.py:rate=0.6", 50_000, 30 * 390, 300 * 469, {30 * 390 + 100 * 469: 0.1, 30 * 390 + 200 * 469: 0.1}),
        ("clothing1m.py:famus", 1_000_000, 500, 150_000, {100_500: 0.1}),
    ],
)
def test_lengths_and_drops_are_those_of_the_papers(name, rows, warm, steps, drops):
    calendar, schedule = rates(name, rows)
    assert (calendar.warm, calendar.steps) == (warm, warm + steps)
    expected = schedule(0)
    for step, factor in drops.items():
        np.testing.assert_allclose(schedule(step - 1), expected, rtol=1e-6)
        expected = expected * factor
        np.testing.assert_allclose(schedule(step), expected, rtol=1e-6)
    np.testing.assert_allclose(schedule(calendar.steps - 1), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "rows", "epochs", "drops"),
    [
        ("cifar10.py:famus", 50_000, 310, (210, 260)),
        ("cifar100.py:famus", 50_000, 330, (230, 280)),
        ("cnwl.py:rate=0.2", 50_000, 330, (230, 280)),
        ("cnwl.py:rate=0.6", 50_000, 330, (130, 230)),
        ("cnwl.py:rate=0.8", 50_000, 330, (130, 230)),
    ],
)
def test_the_warm_up_of_famus_comes_before_its_epochs(name, rows, epochs, drops):
    calendar, schedule = rates(name, rows)
    assert calendar.epochs == epochs
    begins = [step for step in range(calendar.steps) if calendar.begin(step) == step]
    values = np.array([float(schedule(step)) for step in begins])
    assert tuple(np.flatnonzero(np.diff(values)) + 1) == drops


def test_cycles_of_ieg_are_whole():
    calendar, schedule = rates("cifar10.py:ieg", 49_900)
    ends = np.cumsum(np.round(500 * 1.5 ** np.arange(11)))
    assert calendar.steps == 85_498
    for number, end in enumerate(ends[:3]):
        np.testing.assert_allclose(schedule(end), 0.1 * 0.9 ** (number + 1), rtol=1e-5)
    assert schedule(calendar.steps - 1) < 1e-6


def test_steps_of_an_epoch_of_famus():
    """36% wrong of 50,000: 32,000 rows on the longer side; 54% wrong: 27,000; half of 64 rows a step."""
    assert [famus_steps(50_000, wrong) for wrong in (0.36, 0.54, 0.5)] == [500, 422, 391]


@pytest.mark.parametrize("name", LAST_GROUP)
def test_the_sampler_gates_the_whole_last_group(name):
    import jax

    from meta_noise.config import registry
    from meta_noise.models.network import to_network

    network = to_network(registry.find("models", name)(10))
    params = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((2, 32, 32, 3), "float32"))[0]
    names = [tensor_names(params)[place] for place in forward_order(params, network.stages)]
    kept = names[-LAST_GROUP[name] :]
    blocks = sorted({part.split("/")[0] for part in names if part.startswith("block")})
    last = blocks[2 * len(blocks) // 3 :]
    assert {part.split("/")[0] for part in kept} - {"norm", "head"} == set(last)
    assert {part for part in names if part.split("/")[0] in last} <= set(kept)


def test_words_of_ieg_and_mlc_lcn_are_the_presets_of_their_files():
    for name, preset in (("ieg,paper", ieg.PAPER), ("ieg", ieg.CODE), ("mlc_lcn,released", mlc_lcn.CODE)):
        settings = config_of(f"cifar10.py:{name}")["method"]
        assert {key: settings[key] for key in preset} == preset
