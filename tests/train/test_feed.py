"""The images of steps: a function of seed, step and rows, whatever was asked for before."""

import numpy as np
import pytest

from meta_noise.data.images.streamed import Streamed
from meta_noise.train.draws import Place, Sizes, fixed_draws, split_draws
from meta_noise.train.feed import Feed
from meta_noise.train.sharding import placement
from meta_noise.types import Split

SIZES = Sizes(train=4, clean=3)


def images(log=None):
    """Returns images that hold their number, and a random one in the corner."""

    def decode(number, rng, parts):
        if log is not None:
            log.append(number)
        made = []
        for _ in range(parts):
            image = np.full((2, 2, 3), number, np.uint8)
            image[0, 0] = rng.integers(256, size=3)
            made.append(image)
        return made

    return Streamed(np.arange(30), decode, (2, 2, 3), "")


def drawer(feed, seed=0):
    return fixed_draws(seed, np.arange(20), np.arange(20, 30), SIZES, placement(1), feed)


def host(draws):
    return [np.asarray(x) for x in (*draws.train_images, *draws.clean_images)]


def test_images_are_those_of_the_rows():
    with Feed(images(), 0, 2) as feed:
        draws = drawer(feed)(3, 2)
    assert len(draws.train_images) == len(draws.clean_images) == 2
    for rows, parts in ((draws.train, draws.train_images), (draws.clean, draws.clean_images)):
        for part in parts:
            assert part.shape == (*rows.shape, 2, 2, 3) and part.dtype == np.uint8
            np.testing.assert_array_equal(np.asarray(part)[..., 1, 1, 0], rows)
    first, second, *_ = host(draws)
    assert (first[..., 0, 0, :] != second[..., 0, 0, :]).any()  # each view has a part of its own


def test_any_step_in_any_order_gives_the_same_images():
    with Feed(images(), 0, 1) as feed:
        draw = drawer(feed)
        whole = host(draw(0, 6))
        for step, count in ((4, 1), (5, 1), (0, 1), (0, 1), (2, 3), (5, 1)):
            for part, expected in zip(host(draw(step, count)), whole, strict=True):
                np.testing.assert_array_equal(part, expected[step : step + count])
    with Feed(images(), 0, 1) as fresh:
        np.testing.assert_array_equal(host(drawer(fresh)(5, 1))[0], whole[0][5:6])
    with Feed(images(), 1, 1) as other:
        assert (host(drawer(other)(5, 1))[0] != whole[0][5:6]).any()


def test_the_same_row_gets_another_part_each_time():
    rows = np.zeros(1, int)
    with Feed(images(), 0, 1) as feed:
        draws = fixed_draws(0, rows, rows, SIZES, placement(1), feed)(0, 3)
    corners = np.concatenate([part[..., 0, 0, :].reshape(-1, 3) for part in host(draws)])
    assert len(np.unique(corners, axis=0)) == len(corners) == 3 * 7


def test_steps_in_a_row_are_decoded_once():
    log = []
    with Feed(images(log), 0, 1) as feed:
        draw = drawer(feed)
        for step in range(40):
            draw(step, 1)
    assert len(log) <= (40 + 100) * 7  # and what was read ahead; without reading on it would be far more
    assert feed._place == (None, 0)


def test_pairs_and_splits_have_images_of_their_own():
    train = np.tile(np.array([2, 1] * 10 + [0] * 10, np.int8), (2, 1))
    clean = np.tile(np.arange(30) >= 20, (2, 1))
    with Feed(images(), 0, 1) as feed:
        draws = split_draws(0, Split(train, clean), Place(2, 10), SIZES, placement(1), feed)(10, 2)
        assert draws.train_images[0].shape == (2, 2, 4, 2, 2, 3) and draws.clean_images[0].shape == (2, 2, 3, 2, 2, 3)
        np.testing.assert_array_equal(np.asarray(draws.train_images[0])[..., 1, 1, 0], draws.train)
        again = split_draws(0, Split(train, clean), Place(2, 10), SIZES, placement(1), feed)(11, 1)
    np.testing.assert_array_equal(host(again)[0], host(draws)[0][1:])


@pytest.mark.parametrize(("rows", "each"), [(8, 1), (9, 2)])
def test_images_are_divided_over_devices_with_zeros_after_the_last(rows, each):
    def found(devices):
        with Feed(images(), 0, 1) as feed:
            return fixed_draws(0, np.arange(20), np.arange(20, 30), Sizes(rows, 8), placement(devices), feed)(0, 1)

    one, eight = found(1).train_images[0], found(8).train_images[0]
    assert {shard.data.shape for shard in eight.addressable_shards} == {(1, each, 2, 2, 3)}
    np.testing.assert_array_equal(one, eight[:, :rows])
    assert not np.asarray(eight[:, rows:]).any()


def test_a_damaged_image_ends_the_step_that_wants_it():
    def decode(number, rng, parts):
        raise ValueError(f"image {number} is damaged")

    with Feed(Streamed(np.arange(30), decode, (2, 2, 3), ""), 0, 1) as feed, pytest.raises(ValueError, match="damaged"):
        drawer(feed)(0, 1)
