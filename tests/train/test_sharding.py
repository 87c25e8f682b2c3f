"""Which devices a mesh takes, and where arrays of which shape live."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.config.schema import MeshAxes
from meta_noise.errors import InputError
from meta_noise.train import sharding
from meta_noise.train.sharding import by_rows, per_row, placement, put_resident, sentence, tensor, tensors


def spec(found):
    return tuple(found.spec)


@pytest.mark.parametrize(
    ("devices", "axes", "rows", "shape", "unused"),
    [
        (0, MeshAxes(), 0, (8, 1), 0),
        (3, MeshAxes(), 100, (3, 1), 0),
        (8, MeshAxes(), 100, (8, 1), 0),
        (8, MeshAxes(), 9, (5, 1), 3),  # two rows on each of five
        (8, MeshAxes(), 3, (3, 1), 5),
        (8, MeshAxes(model=4), 100, (2, 4), 0),
        (8, MeshAxes(model=4), 3, (1, 4), 4),
        (8, MeshAxes(data=3, model=2), 1, (3, 2), 2),
    ],
)
def test_devices_without_rows_are_left_out_unless_the_mesh_is_given(devices, axes, rows, shape, unused):
    where = placement(devices, axes, rows)
    assert where.mesh.axis_names == ("data", "model") and where.mesh.devices.shape == shape
    assert where.unused == unused


@pytest.mark.parametrize(
    ("devices", "axes", "words"),
    [
        (9, MeshAxes(), "there are 8"),
        (8, MeshAxes(model=3), "use one of 1, 2, 4, 8, or say how many groups of 3 there are .*data=2"),
        (8, MeshAxes(model=16), "needs 16 devices, but there are 8"),
        (8, MeshAxes(data=4, model=4), "4 x 4 = 16 devices, but there are 8"),
        (8, MeshAxes(data=-2), "1 or more, or -1"),
    ],
)
def test_a_mesh_that_does_not_fit_is_one_sentence(devices, axes, words):
    with pytest.raises(InputError, match=words) as caught:
        placement(devices, axes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((3, 3, 64, 128), (None, None, None, "model")),
        ((128, 64), ("model",)),
        ((64, 64), ("model",)),  # the first of equals
        ((6, 7), ()),  # nothing that 4 divides
        ((2, 4), ()),  # too small
        ((), ()),
        ((0, 400), ()),
    ],
)
def test_the_largest_dimension_that_divides_is_divided(shape, expected):
    where = placement(8, MeshAxes(model=4, least_bytes=64))
    assert spec(tensor(where, jax.ShapeDtypeStruct(shape, np.float32))) == expected


def test_without_a_model_axis_all_is_replicated():
    tree = {"a": jnp.zeros((64, 64)), "b": jnp.zeros(3)}
    assert all(spec(found) == () for found in jax.tree.leaves(tensors(placement(8), tree)))


@pytest.mark.parametrize(("rows", "expected"), [(16, ("data",)), (15, ())])
def test_arrays_over_all_rows_are_divided_over_data(rows, expected):
    where = placement(8, MeshAxes(model=2, least_bytes=0))
    assert spec(per_row(where, jax.ShapeDtypeStruct((rows, 8), np.float32))) == expected


def test_large_data_are_divided_and_filled_up(monkeypatch):
    monkeypatch.setattr(sharding, "RESIDENT_BYTES", 1000)
    where, images = placement(8), np.arange(2000, dtype=np.uint8).reshape(1000, 2)
    large, small = put_resident(where, (images, images[:10]))
    assert large.shape == (sharding.FILL, 2) and spec(large.sharding) == ("data",)
    assert {shard.data.shape for shard in large.addressable_shards} == {(sharding.FILL // 8, 2)}
    assert small.shape == (10, 2) and small.sharding.is_fully_replicated
    rows = jax.device_put(np.array([0, 999, 500]), where.replicated)
    np.testing.assert_array_equal(jax.jit(lambda x, rows: x[rows])(large, rows), images[[0, 999, 500]])


@pytest.mark.parametrize("rows", [8, 9, 3])
def test_rows_need_not_divide(rows):
    where, x = placement(8), np.arange(2.0 * rows).reshape(rows, 2)
    lowered = jax.jit(lambda x: by_rows(where, (x, 1.0))[0] * 2).lower(x).compile()
    np.testing.assert_array_equal(lowered(x), 2 * x)


@pytest.mark.parametrize(
    ("devices", "axes", "rows", "words"),
    [
        (1, MeshAxes(), 100, ""),
        (8, MeshAxes(), 100, "Mesh: data 8 x model 1; a batch of 100 rows is at most 13 on each of 8 devices."),
        (8, MeshAxes(), 7, "on each of 7 devices, and 1 device has nothing to do (config.train.batch_size"),
        (8, MeshAxes(data=8), 9, "at most 2 on each of 8 devices, and 3 devices have nothing to do"),
    ],
)
def test_idle_devices_are_said(devices, axes, rows, words):
    found = sentence(placement(devices, axes, rows), rows)
    assert words in found if words else not found
