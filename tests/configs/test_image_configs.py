"""The configs for image sets on small trees in the published layouts: preparation, training, resume, wrong input."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from meta_noise import main
from meta_noise.build.defaults import resolved
from meta_noise.build.facts import Facts
from meta_noise.build.method import make_method, make_network
from meta_noise.build.optimizer import Lengths
from meta_noise.cli.run import run
from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.config.parse import parse
from meta_noise.errors import InputError, StoppedError
from tests import images
from tests.train.whole import assert_same_bits, follow

CONFIGS = Path(__file__).parents[2] / "configs"
MLP = {"name": "mlp", "hidden": [8]}


def prepare(root):
    """Writes every set in small as it is distributed, prepares each by the command, and returns where they are."""
    images.write_webvision(root / "webvision")
    images.write_imagenet(root / "imagenet")
    images.write_clothing1m(root / "clothing1m")
    images.write_food(root / "food101n", root / "food101")
    images.write_cnwl(root / "cnwl")
    images.write_animals(root / "animal10n")
    options = {
        "webvision_mini": ["--from", root / "webvision", "--imagenet", root / "imagenet", "--clean", 1],
        "food101n": ["--from", root / "food101n", "--food101", root / "food101"],
        "cnwl": ["--from", root / "cnwl", "--rates", 0.0, 0.5],
    }
    for name in ("webvision_mini", "clothing1m", "food101n", "cnwl", "animal10n"):
        words = options.get(name, ["--from", root / name])
        assert run(["prepare", name, *map(str, words), "--to", str(root / "prepared"), "--partial"]) == 0
    return root / "prepared"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(tmp_path_factory.mktemp("images"))


def small(argument, prepared, epochs=1, **changes):
    """Returns the config of a file and argument for a few steps on small images."""
    few = {
        "data": {"path": str(prepared), "size": 12, "resize": 16},
        "train": {"epochs": epochs, "batch_size": 14, "clean_batch_size": 14, "eval_batch_size": 64, "devices": 1},
        "report": {"examples": 2},
    }
    config = merge(merge(load(f"{CONFIGS}/{argument}"), few), changes)
    return {**config, "model": changes.get("model", MLP)}


FAMUS = {
    "method": {"fewest": 8},
    "train": {"warmup_epochs": 1},
    "meta": {"cotangents": {"name": "layer_sampler", "hidden": 4, "layers": 2}},
}


@pytest.fixture(scope="module")
def famus(prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "whole"
    return follow(folder, quick=True, **small("webvision_mini.py", prepared, 2, **FAMUS))


@pytest.mark.slow
def test_webvision_measures_on_both_validation_sets(famus):
    """100 rows in steps of 14; pairs, looks at all rows and two views of each stream as everything else does."""
    run, results = famus, famus.fitted.results
    assert results["steps"] == 21 and results["training_rows"] == 100 and results["data"] == "webvision_mini"
    names = {"test_accuracy", "test_top5_accuracy", "imagenet_accuracy", "imagenet_top5_accuracy"}
    assert all(names <= epoch.keys() for epoch in run.finished.history)
    assert set(results["accuracy"]["further"]) == names - {"test_accuracy"}
    assert run.compilations[1] == run.compilations[2]  # everything was compiled by the first look
    assert (run.fitted.folder / "report.html").read_text().count("ImageNet")
    assert run.job.feed is not None and run.job.settings.augment.parts == 2
    stored = np.load(run.fitted.folder / "examples.npz")["images"]
    assert stored.shape == (2, 12, 12, 3) and stored.std() > 0
    assert run.fitted.predict(stored).shape == (2,)


@pytest.mark.slow
def test_a_stopped_run_goes_on_with_the_same_images(famus, prepared, tmp_path):
    stop = 18  # in the middle of the last epoch
    config = small("webvision_mini.py", prepared, 2, **FAMUS)
    with pytest.raises(StoppedError, match=f"step {stop}"):
        follow(tmp_path / "cut", stops_at=stop, quick=True, **config)
    again = follow(tmp_path / "cut", quick=True, **config)
    assert_same_bits(again.finished.kept, famus.finished.kept)
    assert again.finished.history == famus.finished.history
    for name in ("metrics.jsonl", "labels.csv", "examples.npz"):
        assert (again.fitted.folder / name).read_bytes() == (famus.fitted.folder / name).read_bytes()


@pytest.mark.slow
def test_eight_devices_get_the_images_of_one(prepared, tmp_path):
    """Batches of 13 rows, two on each device but the last ones."""
    config = small("webvision_mini.py:supervised", prepared, train={"batch_size": 13, "clean_batch_size": 13})
    one = follow(tmp_path / "one", quick=True, **config)
    eight = follow(tmp_path / "eight", quick=True, **merge(config, {"train": {"devices": 8}}))
    for name, value in one.finished.history[-1].items():
        np.testing.assert_allclose(eight.finished.history[-1][name], value, rtol=1e-4, err_msg=name)


@pytest.mark.slow
def test_trusted_images_of_imagenet(prepared, tmp_path):
    run = follow(tmp_path / "ieg", quick=True, **small("webvision_mini.py:ieg", prepared))
    assert run.fitted.results["clean_set"]["size"] == 50 and run.job.settings.augment.parts == 1
    names = run.fitted.labels["id"].to_pylist()
    assert len(names) == 100 and all(name.startswith("google/") for name in names)


def test_clothing_selects_on_its_own_validation_set(prepared, tmp_path):
    changes = {"method": {"hidden": 4, "embedding": 4}, "meta": {"every": 2}}
    run = follow(tmp_path / "run", quick=True, **small("clothing1m.py", prepared, **changes))
    assert run.fitted.results["training_rows"] == 28 and run.fitted.results["clean_set"]["size"] == 14
    assert {"selection_accuracy", "test_accuracy"} <= run.finished.history[-1].keys()
    config = small("clothing1m.py", prepared, clean={"selection": 3})
    with pytest.raises(InputError, match="selection rows of its own"):
        follow(tmp_path / "both", **config)


def test_food_trusts_what_people_found_right(prepared, tmp_path):
    run = follow(tmp_path / "run", quick=True, **small("food101n.py:supervised", prepared))
    assert run.fitted.results["clean_set"]["size"] == 40
    assert run.fitted.results["training_rows"] == 182 - 40


@pytest.mark.parametrize(
    "argument", ["cnwl.py:rate=0.5,supervised", pytest.param("animal10n.py", marks=pytest.mark.slow)]
)
def test_small_images_are_kept_on_the_device(prepared, tmp_path, argument):
    changes = {"data": {"rate": 0.5}} if "cnwl" in argument else {}
    run = follow(tmp_path / "run", quick=True, **small(argument, prepared, **changes))
    assert run.job.feed is None and run.job.store.inputs.shape[1:] == (12, 12, 3)
    assert run.fitted.results["accuracy"]["measured_on"] == "test"


def test_settings_of_the_papers():
    arguments = {
        "webvision_mini.py": ("", "ieg", "mw_net", "l2r", "mlc_lcn", "mlc_t", "supervised"),
        "clothing1m.py": ("", "mw_net", "ieg", "supervised"),
        "food101n.py": ("", "mw_net", "supervised"),
        "cnwl.py": ("rate=0.2", "rate=0.8", "blue,rate=0.3", "supervised"),
        "animal10n.py": ("", "famus"),
    }
    for file, words in arguments.items():
        for word in words:
            config = resolved(parse(load(f"{CONFIGS}/{file}:{word}")))
            assert make_method(config, make_network(config.model, 50), Lengths(100, 10), Facts((20,) * 50, 1000))
    famus = {rate: parse(load(f"{CONFIGS}/cnwl.py:rate={rate}")) for rate in ("0.2", "0.5", "0.8")}
    assert [famus[rate].method.settings["alpha"] for rate in famus] == [1.0, 1.5, 2.0]
    assert [famus[rate].schedule.settings["epochs"] for rate in famus] == [[200, 250], [100, 200], [100, 200]]
    with pytest.raises(InputError, match="no CNWL set with rate=0"):
        load(f"{CONFIGS}/cnwl.py:rate=0.7")


def test_noise_that_looks_at_all_images_is_refused(prepared, tmp_path):
    config = small("webvision_mini.py:supervised", prepared, noise={"name": "instance", "rate": 0.2})
    with pytest.raises(InputError, match="those of webvision_mini are streamed from disk"):
        follow(tmp_path / "run", **config)


@pytest.mark.parametrize("name", ["webvision_mini", "clothing1m", "food101n", "cnwl", "animal10n"])
def test_without_data_one_sentence_says_how_to_get_and_prepare_it(name, tmp_path, capsys):
    words = [f"--config={CONFIGS}/{name}.py", f"--workdir={tmp_path}/run", f"--config.data.path={tmp_path}"]
    assert main.run(["meta_noise.main", *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "https://" in error and f"meta-noise prepare {name} --from" in error


@pytest.mark.slow
def test_inception_killed_and_started_again(prepared, tmp_path):
    """The network of the paper in small, by the command of the config, killed without a warning.

    Plain training, as FaMUS with this network compiles for minutes; it is resumed with a small one above.
    """
    settings = {
        "data": {"path": prepared, "size": 75, "resize": 80},
        "model": {"width": 0.05, "repeats": "(1,1,1)"},
        "train": {"epochs": 3, "batch_size": 20, "checkpoint_seconds": 0},
        "report": {"examples": 4},
    }
    flags = [f"--config.{section}.{key}={value}" for section in settings for key, value in settings[section].items()]
    command = [sys.executable, "-m", "meta_noise.main", f"--config={CONFIGS}/webvision_mini.py:supervised", *flags]
    environment = {
        **os.environ,
        "XLA_FLAGS": f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count=1",
        "PYTHONPATH": str(CONFIGS.parent),
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "cache"),  # compiling takes minutes
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }

    def start(folder):
        return subprocess.Popen([*command, f"--workdir={folder}"], env=environment)

    assert start(tmp_path / "whole").wait() == 0
    cut = start(tmp_path / "cut")
    while not (tmp_path / "cut/checkpoints/8").exists():  # in the second of three epochs
        assert cut.poll() is None
        time.sleep(0.01)
    cut.kill()
    cut.wait()
    assert not (tmp_path / "cut/report.html").exists()
    assert start(tmp_path / "cut").wait() == 0
    for name in ("metrics.jsonl", "labels.csv", "examples.npz"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    found = json.loads((tmp_path / "cut/results.json").read_text())["accuracy"]
    assert found["measured_on"] == "test" and "imagenet_top5_accuracy" in found["further"]
    assert "ImageNet" in (tmp_path / "cut/report.html").read_text()
