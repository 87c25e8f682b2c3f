"""The experiments on many devices: every method on every mesh, and what is read from compiled programs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

from experiments.scale import same
from experiments.scale.hlo import Collective, collectives, traffic
from experiments.scale.program import compiled
from experiments.scale.steps import ADAM, bert, resnet
from meta_noise.config.schema import MeshAxes

FAST = [("mw_net", "2 x 4")]
EVERY = [(case, mesh) for case in same.CASES for mesh in same.MESHES]


@pytest.mark.usefixtures("float64")
@pytest.mark.filterwarnings("ignore:scatter inputs have incompatible types")
@pytest.mark.parametrize(
    ("case", "mesh"), [*FAST, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in EVERY if pair not in FAST)]
)
def test_a_mesh_takes_the_steps_of_one_device(case, mesh):
    """Ten rows on 2, 3, 5 or 8 devices; the layers, their optimiser and their average divided over `model`."""
    state, others = same.differences(case, mesh)
    assert state < 1e-9 and others < 1e-5


def test_every_method_is_compared():
    from meta_noise.config import registry

    assert set(registry.names("methods")) <= {case.split()[0] for case in same.CASES}


def test_a_difference_is_found():
    one = {"a": np.array([1.0, 2.0]), "b": np.zeros(3)}
    assert same.difference(one, one) == 0
    assert same.difference(one, {**one, "a": np.array([1.0, 2.2])}) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "%all-reduce = f32[16,64]{1,0} all-reduce(%dot), channel_id=1, replica_groups={{0,1,2,3}}, to_apply=%add",
            Collective("all-reduce", 4096, 4),
        ),
        (
            "%g = (bf16[8]{0}, bf16[32]{0}) all-gather-start(%x), replica_groups=[2,4]<=[8], dimensions={0}",
            Collective("all-gather", 64, 4),
        ),
        (
            "%r = (f32[4]{0}, f32[2]{0}) all-reduce(%a, %b), replica_groups=mesh['x'=2,'y'=4], "
            "device_ids=([2,4]T(1,0)) {'x'}, to_apply=%add",
            Collective("all-reduce", 24, 2),
        ),
        ("%f = f32[64]{0} fusion(%all-reduce.3), kind=kLoop, calls=%fused", None),
        ("%one = f32[64]{0} all-reduce(%x), replica_groups={{0},{1}}, to_apply=%add", None),
    ],
)
def test_collectives_are_read_from_a_program(line, expected):
    assert collectives(line, 8) == ([] if expected is None else [expected])


def test_what_a_ring_sends():
    assert Collective("all-reduce", 800, 8).sent == 1400
    assert Collective("all-gather", 800, 8).sent == 700
    assert Collective("reduce-scatter", 100, 8).sent == 700
    assert Collective("collective-permute", 100, 8).sent == 100


def test_a_gathered_weight_and_a_summed_gradient_are_seen():
    mesh = jax.make_mesh((2, 4), ("data", "model"), axis_types=(AxisType.Auto,) * 2)
    divided, rows = NamedSharding(mesh, P("model")), NamedSharding(mesh, P(("data", "model")))
    weights, inputs = jax.ShapeDtypeStruct((512, 64), jnp.float32), jax.ShapeDtypeStruct((64, 512), jnp.float32)

    def loss(weights, inputs):
        return jnp.tanh(inputs @ weights).sum()

    step = jax.jit(jax.grad(loss), in_shardings=(divided, rows), out_shardings=divided)
    found = traffic(collectives(step.lower(weights, inputs).compile().as_text(), 8))
    assert found.result_bytes["all-gather"] == 512 * 64 * 4
    assert found.counts["all-reduce"] + found.counts["reduce-scatter"] >= 1
    assert found.sent > 512 * 64 * 4


@pytest.mark.slow
@pytest.mark.parametrize("setting", [bert(), resnet("supervised", ADAM)], ids=["BERT-base", "ResNet-50"])
def test_a_device_holds_its_share(setting):
    """By the compiler's own memory analysis; the batch is among the arguments, too."""
    one, eight = (compiled(setting, 8, devices, MeshAxes(data=1, model=devices)) for devices in (1, 8))
    assert one.state_bytes > 3e8
    for found in (one, eight):
        assert found.state_bytes <= found.argument_bytes <= found.state_bytes + 2**20
    assert eight.argument_bytes <= 1.25 / 8 * one.argument_bytes
    assert eight.temporary_bytes < one.temporary_bytes
