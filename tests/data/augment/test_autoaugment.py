import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.data.augment.autoaugment import autoaugment, draw_steps, sub_policies
from meta_noise.data.augment.operations import NUMBER, OPERATIONS
from meta_noise.errors import InputError
from tests.data.augment.with_pillow import outcomes


@pytest.mark.parametrize("policy", ["cifar10", "imagenet"])
def test_tables(policy):
    pairs = sub_policies(policy)
    assert len(pairs) == 25 and {len(pair) for pair in pairs} == {2}
    for name, probability, level in (step for pair in pairs for step in pair):
        assert name in OPERATIONS and round(10 * probability) / 10 == probability <= 1 and 0 <= level <= 9
    first = {
        "cifar10": [("invert", 0.1, 7), ("contrast", 0.2, 6)],
        "imagenet": [("posterize", 0.4, 8), ("rotate", 0.6, 9)],
    }
    assert pairs[0] == first[policy]
    # Sums of all probabilities and levels, so that no entry changes unseen.
    steps = [step for pair in pairs for step in pair]
    sums = {"cifar10": (26.5, 267), "imagenet": (31.0, 287)}
    assert (round(sum(step[1] for step in steps), 6), sum(step[2] for step in steps)) == sums[policy]


def test_sub_policies_are_drawn_equally_often():
    pairs = sub_policies("cifar10")
    steps = jax.jit(functools.partial(draw_steps, count=10_000, pairs=pairs))(jax.random.key(0))
    drawn = np.stack([steps.operation, steps.level, np.round(10 * np.asarray(steps.probability))], axis=-1)
    found, counts = np.unique(drawn.reshape(-1, 6).astype(int), axis=0, return_counts=True)
    table = sorted([x for name, p, level in pair for x in (NUMBER[name], level, round(10 * p))] for pair in pairs)
    assert found.tolist() == table  # all 25 differ
    assert np.square(counts - 400).sum() / 400 < 52.6  # chi-square with 24 degrees of freedom, 0.999 quantile 51.2


@pytest.mark.parametrize(("policy", "shape"), [("cifar10", (32, 32, 3)), ("imagenet", (28, 28, 1))])
def test_every_image_is_what_pillow_makes_of_a_sub_policy(rng, policy, shape):
    image = (rng.integers(0, 200, shape) + 20).astype(np.uint8)
    images = np.broadcast_to(image, (1500, *shape))
    possible = set()
    for first, second in sub_policies(policy):
        steps, probabilities = [first[::2], second[::2]], [first[1], second[1]]
        possible |= outcomes(image, steps, probabilities, fill=128)
    traces = []

    @jax.jit
    def augment(key):
        traces.append(1)
        return autoaugment(key, images, policy)

    outputs = augment(jax.random.key(0))
    assert outputs.shape == images.shape and outputs.dtype == np.uint8
    found = {output.tobytes() for output in np.asarray(outputs)}
    assert found <= possible
    assert len(found) > 0.7 * len(possible)
    np.testing.assert_array_equal(outputs, augment(jax.random.key(0)))
    assert not np.array_equal(outputs, augment(jax.random.key(1)))
    assert len(traces) == 1


def test_wrong_settings_say_so():
    key, images = jax.random.key(0), jnp.zeros((2, 8, 8, 3), jnp.uint8)
    with pytest.raises(InputError, match="Did you mean 'cifar10'"):
        autoaugment(key, images, policy="cifar")
    with pytest.raises(InputError, match=r"needs uint8 images .* got float32"):
        autoaugment(key, images.astype(jnp.float32))
    with pytest.raises(InputError, match=r"1 or 3.*\(2, 8, 8, 2\)"):
        autoaugment(key, images[..., :2])
    with pytest.raises(InputError, match="whole numbers"):
        autoaugment(key, images, fill=0.5)
