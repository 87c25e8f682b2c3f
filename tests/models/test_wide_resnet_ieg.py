import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.wide_resnet_ieg import Wide, wide_resnet_ieg
from meta_noise.types import Outputs
from tests.models import plain
from tests.models.compiled import start


def add(x, skipped):
    """Returns `x` plus the mean over the pixels that became one, in the middle channels."""
    while skipped.shape[1] > x.shape[1]:
        skipped = plain.pool(skipped, np.mean)
    x, new = x.copy(), (x.shape[-1] - skipped.shape[-1]) // 2
    x[..., new : new + skipped.shape[-1]] += skipped
    return x


def convolve(x, kernel, stride):
    """Returns the convolution of TensorFlow, which pads after the image only where the stride is 2."""
    return plain.convolve(x, kernel, stride, padding=(0, 1) if stride == 2 else (1, 1))


@pytest.mark.usefixtures("float64")
def test_formula_of_the_whole_network():
    def formula(params, images):
        stem = group = x = convolve(images, params["stem"]["conv0"]["kernel"], 1)
        for number in range(6):
            p, stride = params[f"block{number:02d}"], 2 if number in (2, 4) else 1
            h = plain.relu(plain.normalise(x, p["norm0"]))
            y = convolve(h, p["conv1"]["kernel"], stride)
            y = convolve(plain.relu(plain.normalise(y, p["norm2"])), p["conv3"]["kernel"], 1)
            x = add(y, h if number == 0 else x)
            if number % 2:
                x = group = add(x, group)
        x = plain.relu(plain.normalise(add(x, stem), params["norm"]["norm0"]))
        features, dense = x.mean((1, 2)), params["head"]["linear"]["dense"]
        return Outputs(features @ dense["kernel"] + dense["bias"], features)

    plain.agree(wide_resnet_ieg(3, depth=16, widening=2), formula, plain.some(2, 8, 8, 3))


def test_starts_as_in_its_code():
    x = jnp.zeros((1, 4, 4, 256))
    kernel = start(Wide(128, 1, False, False), (x[..., :32],) * 3)["conv1"]["kernel"]
    np.testing.assert_allclose(kernel.std(), (2 / (9 * 128)) ** 0.5, rtol=0.02)
    head = wide_resnet_ieg(25).blocks[-1][1](name=None)
    dense = start(head, x)["linear"]["dense"]
    np.testing.assert_allclose([dense["kernel"].min(), dense["kernel"].max()], [-0.2, 0.2], atol=1e-3)
    assert not dense["bias"].any()


def test_refuses():
    with pytest.raises(InputError, match=r"wide_resnet_ieg has 6n \+ 4"):
        wide_resnet_ieg(10, 30)
    with pytest.raises(InputError, match="above 0"):
        wide_resnet_ieg(10, widening=0)
    network = to_network(wide_resnet_ieg(10, 10, 1))
    with pytest.raises(InputError, match=r"divisible by 4, not \(30, 32\)"):
        jax.eval_shape(network.init, jax.random.key(0), jnp.zeros((1, 30, 32, 3)))
