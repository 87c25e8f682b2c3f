import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.resnet import Residual, Stem, resnet
from tests.models import plain

INPUTS = jax.ShapeDtypeStruct((2, 224, 224, 3), jnp.float32)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("bottleneck", [False, True])
@pytest.mark.parametrize(("width", "stride"), [(1, 1), (2, 1), (3, 2)])
def test_block_formula(bottleneck, width, stride):
    """Four channels go in, so that the shape stays for width 1 with, and for width 4 without bottleneck."""
    width = width if bottleneck else 4 * width

    def formula(p, x):
        def layer(x, name, stride=1):
            number = name.removeprefix("conv")
            scale = "shortcut_norm" if name == "shortcut_conv" else f"norm{number}"
            return plain.normalise(plain.convolve(x, p[name]["kernel"], stride), p[scale])

        if bottleneck:
            y = layer(plain.relu(layer(plain.relu(layer(x, "conv0")), "conv1", stride)), "conv2")
        else:
            y = layer(plain.relu(layer(x, "conv0", stride)), "conv1")
        return plain.relu(y + (layer(x, "shortcut_conv", stride) if x.shape != y.shape else x))

    plain.agree(Residual(width, stride, bottleneck), formula, plain.some(2, 5, 6, 4))


@pytest.mark.usefixtures("float64")
def test_stem_formula():
    def formula(p, x):
        x = plain.relu(plain.normalise(plain.convolve(x, p["conv0"]["kernel"], 2), p["norm0"]))
        x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
        rows, columns = (x.shape[1] - 3) // 2 + 1, (x.shape[2] - 3) // 2 + 1
        at = [x[:, i : i + 2 * rows - 1 : 2, j : j + 2 * columns - 1 : 2] for i in range(3) for j in range(3)]
        return np.max(at, axis=0)

    plain.agree(Stem(2), formula, plain.some(2, 11, 8, 3))


@pytest.mark.parametrize(
    ("depth", "count", "features"),
    [(18, 11_689_512, 512), (34, 21_797_672, 512), (50, 25_557_032, 2048), (101, 44_549_160, 2048)],
)
def test_parameters_and_features_of_all_depths(depth, count, features):
    network = to_network(resnet(1000, depth))
    params, stats = jax.eval_shape(network.init, jax.random.key(0), INPUTS)
    assert sum(x.size for x in jax.tree.leaves(params)) == count
    hidden = jax.ShapeDtypeStruct((2, 7, 7, features), jnp.float32)
    last = len(network.stages) - 1
    maps = jax.eval_shape(lambda v, x: network.apply(v, x, False, stop=last)[0], (params, stats), INPUTS)
    assert (maps.shape, maps.dtype) == (hidden.shape, hidden.dtype)


def test_refuses():
    with pytest.raises(InputError, match="18, 34, 50 or 101 layers, not 32"):
        resnet(10, 32)
    with pytest.raises(InputError, match="above 0"):
        resnet(10, width=0)
