"""Implicit differentiation against dense linear algebra; in float64."""

import jax
import numpy as np
import pytest

from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.neumann import neumann
from tests.core import quadratic
from tests.core.test_meta_gradient import OPTIMISERS, PROBLEMS, _error, _setting
from tests.core.test_truncation import solve

pytestmark = pytest.mark.usefixtures("float64")


@pytest.mark.parametrize("terms", [5, *(pytest.param(terms, marks=pytest.mark.slow) for terms in (1, 20))])
def test_the_series_in_numpy_and_the_linear_system_that_it_solves(terms):
    slope, by_weights = quadratic.SOLUTION - quadratic.TARGET, quadratic.mixed_derivative(quadratic.SOLUTION)
    left = np.max(np.abs(np.linalg.eigvalsh(quadratic.STEP)))  # what a further term leaves of the error
    assert 0.1 < left < 0.4
    found, _ = solve(neumann(terms), *quadratic.setting(1))
    series = sum(np.linalg.matrix_power(quadratic.STEP, number) for number in range(terms)) @ slope
    np.testing.assert_allclose(found.grads, -quadratic.RATE * by_weights @ series, rtol=1e-9)
    solved = -by_weights @ np.linalg.solve(quadratic.CURVATURE, slope)
    assert np.linalg.norm(found.grads - solved) < 3 * max(left**terms, 1e-12) * np.linalg.norm(solved)


@pytest.mark.slow
def test_at_rest_many_virtual_steps_have_the_same_gradient():
    given = quadratic.setting(25)
    assert _error(solve(neumann(25), *given)[0].grads, solve(mixed_mode(), *given)[0].grads) < 1e-9


@pytest.mark.slow
def test_one_term_is_the_gradient_of_one_step_with_momentum():
    given = _setting(PROBLEMS["mw_net_live"](), OPTIMISERS["heavy_ball_decay"]())
    exact, series = (solve(engine, *given)[0] for engine in (mixed_mode(), neumann(1)))
    for field in ("value", "grads", "virtual", "outer_grads", "direction", "outputs"):
        assert _error(getattr(series, field), getattr(exact, field)) < 1e-10, field
    assert jax.tree.map(lambda x: (x.shape, x.dtype), series) == jax.tree.map(lambda x: (x.shape, x.dtype), exact)


def test_a_series_has_a_term():
    with pytest.raises(ValueError, match="at least 1 term, got 0"):
        neumann(0)
