import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.wide_resnet_mlc_t import Wide, wide_resnet_mlc_t
from tests.models import plain


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("width", "stride"), [(3, 1), (6, 1), (6, 2)])
def test_block_formula(width, stride):
    def formula(p, x):
        def convolve(x, name, stride=1):
            return plain.convolve(x, p[name]["kernel"], stride) + p[name]["bias"]

        y = convolve(plain.relu(plain.normalise(x, p["norm0"]), 0.01), "conv1")
        y = convolve(plain.relu(plain.normalise(y, p["norm2"]), 0.01), "conv3", stride)
        return y + (x if width == 3 else convolve(x, "shortcut", stride))

    plain.agree(Wide(width, stride), formula, plain.some(2, 5, 6, 3))


def test_the_last_running_averages_keep_a_tenth():
    network = wide_resnet_mlc_t(3, 10, 1)
    x = jnp.asarray(plain.some(2, 4, 4, 16), jnp.float32)
    for (name, make), kept in ((network.blocks[1], 0.9), (network.blocks[-2], 0.1)):
        variables = make(name=None).init(jax.random.key(0), x, False)
        moved = make(name=None).apply(variables, x, True, mutable=["batch_stats"])[1]["batch_stats"]["norm0"]
        np.testing.assert_allclose(moved["mean"], (1 - kept) * x.mean((0, 1, 2)), rtol=1e-3, err_msg=name)


def test_refuses():
    with pytest.raises(InputError, match=r"wide_resnet_mlc_t has 6n \+ 4"):
        wide_resnet_mlc_t(10, 30)
    with pytest.raises(InputError, match="above 0"):
        wide_resnet_mlc_t(10, widening=-1)
