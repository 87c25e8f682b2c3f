import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.inception_resnet_v2 import BLOCK8, MIXED_6A, Reduce, Residual, Widen, inception_resnet_v2
from meta_noise.models.network import to_network
from tests.models import plain


def branch(p, x, layers, stride=1):
    """Returns a branch; the last layer has no padding where it has a stride."""
    for number in range(layers):
        last = number == layers - 1
        kernel = p[f"conv{number}"]["kernel"]
        x = plain.convolve(x, kernel, stride if last else 1, (0, 0) if last and stride == 2 else None)
        x = plain.relu(plain.normalise(x, p[f"norm{number}"], 1e-3))
    return x


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("rectifies", [True, False])
def test_residual_formula(rectifies):
    def formula(p, x):
        y = np.concatenate([branch(p["branch0"], x, 1), branch(p["branch1"], x, 3)], -1)
        y = x + 0.2 * (plain.convolve(y, p["conv"]["kernel"]) + p["conv"]["bias"])
        return plain.relu(y) if rectifies else y

    plain.agree(Residual(BLOCK8, 1 / 64, 0.2, rectifies), formula, plain.some(2, 4, 5, 6))


@pytest.mark.usefixtures("float64")
def test_formula_of_the_branches_that_keep_the_image():
    def formula(p, x):
        rows, columns = x.shape[1:3]
        mean = np.zeros_like(x)
        for i in range(rows):
            for j in range(columns):
                mean[:, i, j] = x[:, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2].mean((1, 2))
        sides = [branch(p[f"branch{i}"], x, layers) for i, layers in enumerate((1, 2, 3))]
        return np.concatenate([*sides, branch(p["branch3"], mean, 1)], -1)

    plain.agree(Widen(1 / 32), formula, plain.some(2, 4, 5, 3))


@pytest.mark.usefixtures("float64")
def test_formula_of_the_branches_that_halve_the_image():
    def formula(p, x):
        sides = [branch(p[f"branch{i}"], x, layers, 2) for i, layers in enumerate((1, 3))]
        at = [x[:, i : i + 5 : 2, j : j + 3 : 2] for i in range(3) for j in range(3)]
        return np.concatenate([*sides, np.max(at, axis=0)], -1)

    plain.agree(Reduce(MIXED_6A, 1 / 128), formula, plain.some(2, 7, 6, 3))


def test_stages_and_sizes():
    network = to_network(inception_resnet_v2(50))
    counts = {
        name: sum(stage.startswith(name + "_") for stage in network.stages) for name in ("block35", "block17", "block8")
    }
    assert counts == {"block35": 10, "block17": 20, "block8": 9}
    inputs = jax.ShapeDtypeStruct((1, 299, 299, 3), jnp.float32)
    small = to_network(inception_resnet_v2(50, repeats=(0, 0, 0)))
    variables = jax.eval_shape(small.init, jax.random.key(0), inputs)
    maps = [
        jax.eval_shape(lambda v, x, stop=stop: small.apply(v, x, True, stop=stop)[0], variables, inputs).shape[1:]
        for stop in range(1, 7)
    ]
    assert maps == [(35, 35, 192), (35, 35, 320), (17, 17, 1088), (8, 8, 2080), (8, 8, 2080), (8, 8, 1536)]


def test_needs_75_pixels():
    network = to_network(inception_resnet_v2(5, 1 / 32, (0, 0, 0)))
    shapes = jax.eval_shape(network.init, jax.random.key(0), jnp.zeros((1, 75, 75, 3)))
    assert shapes[0]["head"]["linear"]["dense"]["kernel"].shape == (48, 5)
    with pytest.raises(InputError, match=r"at least 75x75 pixels, not inputs of shape \(74, 75, 3\)"):
        jax.eval_shape(network.init, jax.random.key(0), jnp.zeros((1, 74, 75, 3)))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"width": 0.0}, "width of inception_resnet_v2 has to be above 0"),
        ({"repeats": (1, 2)}, r"three numbers from 0 on, not \(1, 2\)"),
        ({"repeats": (1, -1, 2)}, "three numbers"),
    ],
)
def test_refuses(settings, says):
    with pytest.raises(InputError, match=says):
        inception_resnet_v2(10, **settings)
