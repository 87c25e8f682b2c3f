"""What `from meta_noise import core` offers: all of it documented, and nothing heavy behind it."""

import inspect
import subprocess
import sys

import jax
import jax.numpy as jnp
import optax
import pytest

from meta_noise import core
from tests.toy import toy_batch, toy_network

FUNCTIONS = [name for name in core.__all__ if inspect.isfunction(getattr(core, name))]


def test_all_names_are_there_once():
    assert core.__all__ == sorted(set(core.__all__))
    assert {"Problem", "bilevel", "single", "mixed_mode", "unrolled", "discounted", "twin", "live"} <= set(core.__all__)
    assert all(callable(getattr(core, name)) for name in set(core.__all__) - {"smooth"})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_say_what_they_return_and_when_they_fail(name):
    function = getattr(core, name)
    text = inspect.getdoc(function)
    assert text and text.startswith("Returns") and text.splitlines()[0].endswith((".", "itself."))
    assert "raise ValueError" not in inspect.getsource(function) or "Raises:" in text


@pytest.mark.parametrize("name", sorted(set(core.__all__) - set(FUNCTIONS)))
def test_named_tuples_and_modules_are_explained(name):
    assert (inspect.getdoc(getattr(core, name)) or "").rstrip().endswith((".", "None"))


def test_importing_it_loads_jax_and_optax_and_nothing_heavy():
    """In a process of its own; what it loads beside them and the standard library is not much."""
    code = (
        "import sys, jax, optax, chex; before = set(sys.modules)\n"
        "from meta_noise import core\n"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    new, loaded = (set(line.split()) for line in done.stdout.splitlines())
    assert new - set(sys.stdlib_module_names) == {"meta_noise"}
    assert not loaded & {"flax", "sklearn", "orbax", "pandas", "matplotlib", "tensorflow", "ml_collections", "pyarrow"}


@pytest.mark.parametrize("make", [core.keep_last, core.fixed_block, core.random_layers, core.layer_sampler])
def test_a_filter_that_goes_by_blocks_says_that_there_are_none(make):
    arguments = () if make is core.layer_sampler else (1,)
    with pytest.raises(ValueError, match=rf"{make.__name__} needs the blocks of the network in forward order"):
        make((), *arguments)


@pytest.mark.usefixtures("float64")
@pytest.mark.slow
def test_a_virtual_rule_of_ones_own():
    """Signed descent: the rule is called with the optimiser, and its step is the one that is differentiated through."""
    seen = []

    def rule(tx, step):
        seen.append(tx)

        def update(grads, carry):
            return jax.tree.map(lambda p, g: p - 0.1 * jnp.tanh(g), carry[0], grads), carry[1]

        return update

    def inner_loss(outputs, weights, batch):
        losses = optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)
        return jnp.sum(weights * losses), core.Rows(weights=weights)

    def outer_loss(outputs, clean):
        return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(outputs.logits, clean.labels))

    problem = core.Problem(lambda key, batch, outputs: jnp.full(batch.labels.shape, 0.5), inner_loss, outer_loss, True)
    tx, batch, clean = optax.sgd(0.1), toy_batch(0), toy_batch(9)
    grads = []
    for engine in (core.mixed_mode(), core.unrolled()):
        method = core.bilevel(problem, toy_network(), tx, core.rectified(), engine, core.Virtual(rule))
        assert method.meta_grads is not None
        state = method.init(jax.random.key(0), batch)
        grads.append(method.meta_grads(jax.random.key(1), state, batch, clean))
    assert seen[0] is tx
    assert float(jnp.max(jnp.abs(grads[0]))) > 1e-6
    assert jnp.allclose(grads[0], grads[1], rtol=1e-6, atol=1e-9)
