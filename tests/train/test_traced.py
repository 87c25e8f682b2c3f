"""Traced counts: by hand on small programs, and in ratio to what the compiler counts."""

import jax
import jax.numpy as jnp
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.single import single
from meta_noise.methods.mw_net import mw_net
from meta_noise.methods.supervised import supervised
from meta_noise.models.mlp import mlp
from meta_noise.models.network import to_network
from meta_noise.train import counts as counts_module
from meta_noise.train.counts import Operation, Traced, counted, mixed, ratios
from meta_noise.train.traced import repeated_flops, traced
from tests.toy import toy_batch

WIDE = jnp.ones((6, 6))


def test_equal_operations_count_once_and_useless_ones_not_at_all():
    def twice(x):
        jnp.dot(jnp.sin(x), WIDE)  # needed by nothing
        return jax.jit(jnp.dot)(x, WIDE) + jnp.dot(x, WIDE)

    counts = traced(twice, jnp.ones((4, 6)))
    assert counts.flops == 2 * 4 * 6 * 6
    assert counts.touched == 2 * 4 * 6  # the product and the sum
    assert counts.held_bytes == 4 * 2 * 4 * 6
    assert counts.joined_bytes == 4 * 4 * 6  # the product; the sum is the result


def test_loops_count_as_often_as_they_run():
    def loop(x):
        return jax.lax.scan(lambda carry, _: (carry @ WIDE, None), x, None, length=5)[0]

    assert traced(loop, jnp.ones((4, 6))).flops == 5 * 2 * 4 * 6 * 6


def test_convolution():
    def convolve(x, kernel):
        return jax.lax.conv_general_dilated(x, kernel, (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    counts = traced(convolve, jax.ShapeDtypeStruct((2, 8, 8, 3), "float32"), jnp.ones((3, 3, 3, 5)))
    forward = 2 * (2 * 4 * 4 * 5) * (3 * 3 * 3)
    assert (counts.flops, counts.kernel_flops) == (forward, 0)

    def loss(kernel):
        return convolve(jnp.ones((2, 8, 8, 3)), kernel).sum()

    assert traced(jax.grad(loss), jnp.ones((3, 3, 3, 5))).kernel_flops == forward


def test_ratio_to_a_plain_step_is_that_of_the_compiler():
    network, tx, batch = to_network(mlp(3, hidden=(64, 64, 64))), optax.sgd(0.1), toy_batch(0, 256)
    methods = {
        "plain": single(supervised(), network, tx),
        "mw_net": bilevel(mw_net(hidden=4), network, tx, tx),
        "remat": bilevel(mw_net(hidden=4), network, tx, tx, remat=True),
    }
    found = {}
    for name, method in methods.items():
        state = jax.eval_shape(method.init, jax.random.key(0), batch)
        arguments = jax.random.key(0), state, batch, batch
        costs = jax.jit(method.step).lower(*arguments).compile().cost_analysis()
        found[name] = traced(method.step, *arguments), costs["flops"]
    plain, plain_flops = found["plain"]
    for name in ("mw_net", "remat"):
        counts, flops = found[name]
        assert abs(ratios(plain, counts).work / (flops / plain_flops) - 1) < 0.1, name
    assert ratios(plain, found["remat"][0]).memory < 0.8 * ratios(plain, found["mw_net"][0]).memory


def test_mean_over_steps_between_meta_steps():
    assert mixed(Traced(10, 6, 4, 7, 5, 8, 20), Traced(2, 2, 0, 3, 6, 4, 9), 4) == Traced(4, 3, 1, 7, 6, 5, 29)


def _product(inputs, output, flops=100.0, size=10):
    return Operation(inputs, (output,), flops, 0.0, (size,), (4 * size,))


def test_products_that_do_not_wait_for_each_other_take_less_time_on_several_cores(monkeypatch):
    chain = counted([_product((1,), 2), _product((2,), 3), _product((3,), 4)], {4})
    fan = counted([_product((1,), 2), _product((1,), 3), _product((1,), 4)], {2, 3, 4})
    assert (chain.longest, fan.longest) == (1200, 400)  # a product and its ten elements are 400
    monkeypatch.setattr(counts_module, "processors", lambda: 2)
    found = ratios(chain, fan)
    assert (found.work, found.time, found.compiling) == (1, pytest.approx(3**-0.25), 1)
    monkeypatch.setattr(counts_module, "processors", lambda: 1)
    assert ratios(chain, fan).time == 1


def test_cheap_operations_are_joined_to_what_uses_them():
    """What can begin at once begins first on CPUs; a cheap operation waits within what needs its result."""
    early = Operation((1,), (5,), 0.0, 0.0, (10,), (40,))
    used = Operation((5, 3), (6,), 0.0, 0.0, (10,), (40,))
    found = counted([_product((1,), 2), early, _product((2,), 3), used], {6})
    assert found.joined_bytes == 80 and found.held_bytes == 120  # the cheap one and two products or products and result


def test_steps_of_a_loop_are_counted_one_by_one_and_compiled_once():
    """Forwards and backwards, with slices of what is stacked and stacked results, as without a loop."""
    rows = jnp.ones((5, 4, 6))

    def looped(x, reverse=False):
        return jax.lax.scan(lambda carry, row: (carry @ WIDE + row, carry), x, rows, reverse=reverse)

    def unrolled(x):
        carry, before = x, []
        for row in rows:
            before.append(carry)
            carry = carry @ WIDE + row
        return carry, before

    x = jnp.ones((4, 6))
    counts = traced(looped, x)
    assert counts.flops == traced(unrolled, x).flops == 5 * 2 * 4 * 6 * 6
    assert counts.longest == 5 * (2 * 4 * 6 * 6 + 2 * 30 * 4 * 6)  # products and sums; slices wait for nothing
    assert counts.operations == 5  # the loop, slice, product, sum, stack
    assert traced(lambda x: looped(x, reverse=True), x).flops == counts.flops


def test_a_loop_that_has_begun_comes_to_its_end(monkeypatch):
    """Two chains of products, of 40, 40 and 4 bytes, of which one may be in a loop: then it does not begin before the
    other one has ended."""
    monkeypatch.setattr(counts_module.jax, "default_backend", lambda: "cpu")

    def chains(loop):
        one = (_product((1,), 2), _product((2,), 3), _product((3,), 4, size=1))
        other = (_product((1,), 5), _product((5,), 6), _product((6,), 7, size=1))
        return counted([*one, *(product._replace(loop=loop) for product in other), _product((4, 7), 8)], {8})

    assert (chains(0).joined_bytes, chains(1).joined_bytes) == (120, 84)


def test_stacked_results_of_a_loop_stay_where_they_are():
    def kept(x):
        carry, stacked = jax.lax.scan(lambda carry, _: (carry @ WIDE, carry), x, None, length=5)
        return jax.lax.scan(lambda carry, row: (carry @ WIDE + row, None), carry, stacked)[0]

    x = jnp.ones((4, 6))
    assert traced(kept, x).joined_bytes >= 5 * 4 * 4 * 6


def test_what_the_compiler_counts_once_is_said():
    def inner(x):
        return jax.lax.scan(lambda carry, _: (jax.jit(jnp.dot)(carry, WIDE), None), x, None, 3)[0]

    def outer(x):
        return jax.lax.fori_loop(0, x[0, 0].astype(int), lambda _, carry: inner(carry), x)

    once = 2 * 4 * 6 * 6
    x = jnp.ones((4, 6))
    for function in (inner, outer, jax.jit(inner)):  # of a loop of unknown length one step is counted, as there
        assert repeated_flops(jax.make_jaxpr(function)(x).jaxpr) == 2 * once
    assert repeated_flops(jax.make_jaxpr(lambda x: x @ WIDE)(x).jaxpr) == 0
    counted_by_compiler = jax.jit(inner).lower(x).compile().cost_analysis()["flops"]
    assert once <= counted_by_compiler < 1.1 * once
