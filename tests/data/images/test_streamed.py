"""Images that stay on disk: read ahead, in order, constants to compiled functions."""

import threading
import time

import jax
import numpy as np
import pytest

from meta_noise.data.images.streamed import Streamed, ahead, threads


def numbered(count=10):
    """Returns images that hold their number in the first pixel, and what was asked of them."""
    asked = []

    def decode(number, rng, parts):
        asked.append(number)
        image = np.full((2, 3, 3), number, np.uint8)
        if rng is not None:
            image[0, 0, 0] = rng.integers(256)
        return [image] * parts

    return Streamed(np.arange(count), decode, (2, 3, 3), "numbered"), asked


def test_it_looks_like_an_array():
    images, asked = numbered()
    assert images.shape == (10, 2, 3, 3) and images.dtype == np.uint8 and images.ndim == 4 and len(images) == 10
    some = images.take(np.array([7, 2]))
    assert some.shape == (2, 2, 3, 3) and not asked
    assert some[np.array([1, 0, 1])][:, 0, 0, 0].tolist() == [2, 7, 2] and sorted(asked) == [2, 2, 7]
    assert images[np.arange(0)].shape == (0, 2, 3, 3)


def test_batches_come_in_the_order_of_the_rows():
    images, _ = numbered()
    rows = np.array([[3, 1], [9, 9], [0, 4]])
    assert [batch[:, 1, 1, 1].tolist() for batch in images.batches(rows)] == rows.tolist()


def test_a_compiled_function_takes_it_as_a_constant():
    images, _ = numbered()
    traced = []

    @jax.jit
    def function(tree):
        traced.append(isinstance(tree["images"], Streamed))
        return tree["x"] + 1

    for _ in range(2):
        assert function({"images": images, "x": 1}) == 2
    assert traced == [True] and jax.tree.leaves(images) == []


def test_ahead_keeps_the_order_and_works_ahead():
    begun = []

    def make(number):
        begun.append(number)
        time.sleep(0.002 * (number % 3))
        return number

    with ahead(make, 5, 25) as numbers:
        assert [next(numbers) for _ in range(3)] == [5, 6, 7]
        time.sleep(0.1)
        assert len(begun) > 3  # nobody asked for these yet
        assert list(numbers) == list(range(8, 25))


def test_what_an_element_raises_comes_at_its_turn():
    def make(number):
        if number == 2:
            raise ValueError("two")
        return number

    with ahead(make, 0, 9) as numbers:
        assert [next(numbers), next(numbers)] == [0, 1]
        with pytest.raises(ValueError, match="two"):
            next(numbers)


def test_after_the_block_nothing_is_begun():
    begun = []
    with ahead(lambda number: begun.append(number) or time.sleep(0.01) or number, 0, 10_000) as numbers:
        next(numbers)
    time.sleep(0.1)
    count = len(begun)
    assert count <= 1 + 3 * threads() + 2
    time.sleep(0.1)
    assert len(begun) == count
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("grain-prefetch")]
