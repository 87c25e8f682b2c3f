"""What is said of a mesh before a run."""

import jax
import numpy as np

from meta_noise.config.schema import MeshAxes
from meta_noise.train.layout import parts, sentences
from meta_noise.train.sharding import like, placement, tensors


def shapes_on(where):
    tree = {"kernel": jax.ShapeDtypeStruct((40, 1000), np.float32), "bias": jax.ShapeDtypeStruct((10,), np.float32)}
    return like(tree, tensors(where, tree))


def test_bytes_are_those_of_a_device():
    found = {part.name: part for part in parts(shapes_on(placement(8, MeshAxes(model=4))))}
    assert (found["kernel"].total, found["kernel"].each, found["kernel"].spec) == (160_000, 40_000, (None, "model"))
    assert (found["bias"].total, found["bias"].each) == (40, 40)


def test_a_mesh_is_said_and_a_single_device_is_not():
    where = placement(8, MeshAxes(model=4))
    mesh, state = sentences(where, shapes_on(where), 32)
    assert mesh.startswith("Mesh: data 2 x model 4; ")
    assert state == (
        "State: 160 kB in all, 40 kB on each device; 1 of 2 tensors divided, the largest: kernel [40, 1000] over "
        "model (dimension 1)."
    )
    assert sentences(placement(1), shapes_on(placement(1)), 32) == []
    assert sentences(placement(8), shapes_on(placement(8)), 32)[1].endswith("0 of 2 tensors divided.")
