"""The examples run, are short, and show what they say they show."""

import ast
import runpy
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from examples import engines, hyperparameters, l2r_by_hand

EXAMPLES = sorted(Path(hyperparameters.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_at_most_forty_lines(path):
    text = path.read_text()
    head = ast.parse(text).body[0]
    assert isinstance(head, ast.Expr)  # the docstring
    assert sum(bool(line.strip()) for line in text.splitlines()[head.end_lineno :]) <= 40


def test_l2r_by_hand(capsys):
    """Better than the same network in the same loop without it, by a margin that other seeds have as well."""
    runpy.run_path(l2r_by_hand.__file__, run_name="__main__")
    words = capsys.readouterr().out.replace("%", " ").split()
    plain, ours = (float(words[words.index(word) - 1]) for word in ("plain,", "with"))
    assert ours > plain + 4 and ours > 74


@pytest.mark.slow
def test_learned_weight_decay():
    """Better than none at all on rows that neither level has seen, and every layer's has moved up from its start."""
    plain, _ = hyperparameters.train(hyperparameters.NONE, 0.0)
    learned, decays = hyperparameters.train(hyperparameters.START, 0.05)
    assert learned < 0.95 * plain
    assert (decays > 1.5 * np.exp(hyperparameters.START)).all()


@pytest.mark.slow
def test_engines_agree_and_a_filter_saves():
    (exact, counted), (mixed, _), (last, saved) = (engines.meta_gradient(way, 1, 50) for way in engines.WAYS.values())
    np.testing.assert_allclose(mixed, exact, atol=1e-6 * np.abs(exact).max())
    assert saved < 0.8 * counted and np.abs(last - exact).max() > 0.01 * np.abs(exact).max()


@pytest.mark.slow
def test_engines_agree_over_three_steps():
    (exact, _), (mixed, _) = (engines.meta_gradient(engines.WAYS[name], 3) for name in ("unrolled", "mixed mode"))
    np.testing.assert_allclose(mixed, exact, atol=1e-5 * np.abs(exact).max())


@pytest.mark.usefixtures("float64")
def test_its_gradient_is_that_of_finite_differences():
    """Through five steps, at decays that differ from layer to layer."""
    method, rows = hyperparameters.decayed(0.0, 0.1), np.arange(5 * 20)
    batch, upper = hyperparameters.batch_of(rows), hyperparameters.batch_of(np.arange(200, 300))
    state = method.init(jax.random.key(0), batch)
    logs = jnp.array([-3.0, -4.0, -2.0])

    def at(logs):
        return state._replace(meta=state.meta._replace(params=logs))

    outer = jax.jit(lambda logs: method.step(jax.random.key(1), at(logs), batch, upper)[1].outer_loss)
    assert method.meta_grads is not None
    grads = jax.jit(method.meta_grads)(jax.random.key(1), at(logs), batch, upper)
    step = 1e-5
    differences = [(outer(logs + step * e) - outer(logs - step * e)) / (2 * step) for e in jnp.eye(3)]
    assert min(map(abs, differences)) > 1e-6
    np.testing.assert_allclose(grads, differences, rtol=1e-6)
