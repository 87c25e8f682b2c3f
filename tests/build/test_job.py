"""What a config says of batches and pixels reaches the job."""

import numpy as np
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.build.job import make_job
from meta_noise.config import registry
from meta_noise.config.parse import parse
from meta_noise.config.schema import PIXELS
from meta_noise.data.prepare import prepare
from meta_noise.data.source import Source
from meta_noise.errors import InputError
from meta_noise.train.refresh import drawer, no_split
from meta_noise.train.sharding import placement

SMALL = {"model": {"name": "mlp", "hidden": [4]}, "clean": {"size": 20}, "train": {"batch_size": 20}}


def job_of(folder, source=None, **changes):
    config = resolved(parse({**SMALL, **changes}))
    source = registry.find("data.sources", "digits")() if source is None else source
    return make_job(config, prepare(source, config, folder), {}, placement(1))


def colours():
    """Returns 60 images of bytes with three channels, three classes."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (60, 8, 8, 3), np.uint8), np.arange(60) % 3
    ids = np.array([str(row) for row in range(60)])
    return Source(images, labels, ids, ("a", "b", "c"), true_labels=labels)


@pytest.mark.parametrize(
    ("method", "section", "balanced"), [("ieg", {}, True), ("mw_net", {}, False), ("mw_net", {"balanced": True}, True)]
)
def test_clean_batches_of_ieg_hold_all_classes_equally_often(tmp_path, method, section, balanced):
    """30 rows of ten classes; batches of 20."""
    job = job_of(tmp_path, method={"name": method}, clean={"size": 30, **section})
    draws = drawer(job, placement(1), no_split(job), 0)(0, 8)
    labels = np.asarray(job.store.labels)[np.asarray(draws.clean)]
    counts = np.stack([np.bincount(row, minlength=10) for row in labels])
    assert (counts == 2).all() == balanced
    train = np.asarray(job.store.labels)[np.asarray(draws.train)]
    assert not all((np.bincount(row, minlength=10) == 2).all() for row in train)


def test_training_batches_hold_all_classes_equally_often(tmp_path):
    job = job_of(tmp_path, method={"name": "mw_net"}, train={"batch_size": 20, "balanced": True})
    draws = drawer(job, placement(1), no_split(job), 0)(0, 4)
    labels = np.asarray(job.store.labels)[np.asarray(draws.train)]
    assert all((np.bincount(row, minlength=10) == 2).all() for row in labels)


@pytest.mark.parametrize("name", PIXELS)
def test_pixels_are_normalised_with_the_constants_that_the_config_names(tmp_path, name):
    job = job_of(tmp_path, colours(), data={"pixels": name})
    mean, std = PIXELS[name]
    np.testing.assert_allclose(job.store.mean, mean, rtol=1e-6)
    np.testing.assert_allclose(job.store.std, std, rtol=1e-6)


def test_pixels_are_measured_unless_the_config_says_otherwise(tmp_path):
    job = job_of(tmp_path, colours())
    pixels = colours().inputs[job.train_rows].reshape(-1, 3) / 255
    np.testing.assert_allclose(job.store.mean, pixels.mean(0), rtol=1e-5)
    np.testing.assert_allclose(job.store.std, pixels.std(0), rtol=1e-5)


def test_constants_for_colours_are_refused_for_grey_images(tmp_path):
    with pytest.raises(
        InputError, match=r"data.pixels='unit' has constants for colour images .* use measured"
    ) as caught:
        job_of(tmp_path, data={"pixels": "unit"})
    assert "\n" not in str(caught.value)
