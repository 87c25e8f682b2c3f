"""The option for CPUs: it reaches the compiler where that knows it, and nothing is lost where it does not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.train import compiler


@pytest.fixture
def fresh():
    compiler._are_known.cache_clear()
    yield
    compiler._are_known.cache_clear()


def test_cpus_get_the_option_and_other_devices_none(fresh):
    assert compiler.options() == compiler.options(jax.devices("cpu")[0]) == compiler.ON_CPU

    class Other:
        platform = "gpu"

    assert compiler.options(Other()) is None


@pytest.mark.parametrize("unknown", [{"xla_no_such_option": "1"}, {next(iter(compiler.ON_CPU)): "NO_SUCH_TYPE"}])
def test_a_compiler_that_does_not_know_it_gets_none(fresh, monkeypatch, unknown):
    monkeypatch.setattr(compiler, "ON_CPU", unknown)
    assert compiler.options() is None


def test_the_same_numbers_come_out(float64):
    rng = np.random.default_rng(0)
    images, kernels = rng.normal(size=(4, 12, 12, 3)), rng.normal(size=(3, 3, 3, 8))

    def loss(kernels):
        found = jax.lax.conv_general_dilated(
            images, kernels, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        return jnp.mean((found - found.mean((0, 1, 2))) ** 2)

    plain, ours = (jax.jit(jax.grad(loss), compiler_options=o)(kernels) for o in (None, compiler.options()))
    np.testing.assert_allclose(ours, plain, rtol=1e-12)


def test_what_runs_once_is_compiled_quickly_and_draws_the_same():
    assert compiler.options_of_start()["xla_backend_optimization_level"] == 0

    class Other:
        platform = "tpu"

    assert compiler.options_of_start(Other()) is None

    def draw(key):
        return jax.random.normal(key, (3, 3, 4, 8))

    quick = jax.jit(draw, compiler_options=compiler.options_of_start())(jax.random.key(0))
    np.testing.assert_allclose(quick, jax.jit(draw)(jax.random.key(0)), rtol=1e-6, atol=1e-6)
