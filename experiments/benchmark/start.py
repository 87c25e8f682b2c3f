"""How long first parameters and masks of dropout compile on a CPU, and steps are traced, before and after.

    python -m experiments.benchmark.start [--write]

First parameters: compiled as a step is, and as they are now. Masks: the gradient of a network whose dropout draws them
with all axes of what is masked, as Flax does, and in a row. Tracing, which no cache of compiled programs saves: every
block for itself, and equal ones once. Seconds of the processors.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import flax.linen as nn
import jax
import jax.numpy as jnp

from experiments.benchmark.cases import CASES, PLAIN
from experiments.benchmark.steps import Setting, make_step, shapes_of
from experiments.marked import write_between
from meta_noise.models import bert as bert_file
from meta_noise.models import wide_resnet as wide_file
from meta_noise.models.bert import bert
from meta_noise.models.network import blocks_apart, to_network
from meta_noise.models.resnet_cifar import resnet_cifar
from meta_noise.models.wide_resnet import wide_resnet
from meta_noise.train import compiler
from meta_noise.types import Network

START, END = "<!-- start: made by experiments.benchmark.start -->", "<!-- end of start -->"
TRACED = ("mw_net", "mlc_lcn", "ieg", "famus")
IMAGES, TOKENS = jnp.zeros((2, 32, 32, 3)), jnp.ones((2, 64), jnp.int32)
BERT = {"layers": 4, "width": 256, "heads": 4, "hidden": 1024}
NETWORKS: dict[str, tuple[Callable[[], nn.Module], jax.Array]] = {
    "ResNet-32": (lambda: resnet_cifar(10, depth=32), IMAGES),
    "WRN-28-10": (lambda: wide_resnet(10, dropout=0.3), IMAGES),
    "BERT-mini": (lambda: bert(4, **BERT), TOKENS),
}
DROPPED: dict[str, tuple[Callable[[], nn.Module], jax.Array]] = {
    "WRN-10-1": (lambda: wide_resnet(10, depth=10, widening=1, dropout=0.3), IMAGES),
    "BERT-mini": (lambda: bert(4, **BERT), TOKENS),
}


def main() -> None:
    """Prints the table, and puts it between the marks with --write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    options = parser.parse_args()
    lines = ["| compiled or traced | before, s | now, s |", "|---|---:|---:|"]
    for what, before, now in (*tracing(), *rows()):
        lines.append(f"| {what} | {before:.1f} | {now:.1f} |")
        print(lines[-1], flush=True)
    if options.write:
        write_between(Path(__file__).with_name("README.md"), START, END, "\n".join(lines))


def tracing() -> Iterator[tuple[str, float, float]]:
    """Gives what is traced, and the seconds before and now."""
    setting = Setting({"name": "resnet_cifar", "depth": 32}, batch=100, image=32, classes=10, changes={})
    for case in (PLAIN, *(case for case in CASES if case.name in TRACED)):
        step = make_step(setting, case)
        arguments = jax.random.key(0), shapes_of(step), step.batch, step.clean
        yield f"step of {case.name}, ResNet-32, traced", *_traced(step.method.step, *arguments)
    texts = to_network(bert(4, **{**BERT, "layers": 12}))
    yield "gradient of BERT with 12 layers, traced", *_traced(slopes_of(texts), jax.random.key(0), TOKENS)


def _traced(function: Callable[..., Any], *arguments: Any) -> tuple[float, float]:
    """Returns the seconds of tracing and lowering, every block for itself and equal blocks once."""

    def lowered() -> float:
        begin = time.process_time()
        jax.jit(lambda *inputs: function(*inputs)).lower(*arguments)
        return time.process_time() - begin

    with blocks_apart():
        before = lowered()
    return before, lowered()


def rows() -> Iterator[tuple[str, float, float]]:
    """Gives what is compiled, and the seconds before and now."""
    for name, (make, inputs) in NETWORKS.items():
        init = to_network(make()).init
        ways = (compiler.options(), compiler.options_of_start())
        before, now = (seconds(init, options, jax.random.key(0), inputs) for options in ways)
        yield f"first parameters of {name}", before, now
    for name, (make, inputs) in DROPPED.items():
        now = seconds(gradient(make), compiler.options(), jax.random.key(0), inputs)
        with (
            patch.object(wide_file, "in_a_row", lambda drop, x: drop(x)),
            patch.object(bert_file, "in_a_row", lambda drop, x: drop(x)),
            patch.object(bert_file, "attention", _of_flax),
        ):
            before = seconds(gradient(make), compiler.options(), jax.random.key(0), inputs)
        yield f"gradient of {name} with dropout", before, now


def _of_flax(
    query: Any, key: Any, value: Any, mask: Any, dropout_rng: Any, dropout_rate: Any, deterministic: Any
) -> Any:
    given = {"mask": mask, "dropout_rng": dropout_rng, "dropout_rate": dropout_rate, "deterministic": deterministic}
    return nn.dot_product_attention(query, key, value, broadcast_dropout=False, **given)


def gradient(make: Callable[[], nn.Module]) -> Callable[[jax.Array, jax.Array], Any]:
    """Returns `(key, inputs) -> gradient` of a loss in training mode, at parameters of zero."""
    return slopes_of(to_network(make()))


def slopes_of(network: Network) -> Callable[[jax.Array, jax.Array], Any]:
    """Returns the gradient of a network."""

    def slopes(key: jax.Array, inputs: jax.Array) -> Any:
        params, stats = jax.tree.map(
            lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(network.init, key, inputs)
        )
        return jax.grad(lambda p: jnp.sum(network.apply((p, stats), inputs, True, key)[0].logits ** 2))(params)

    return slopes


def seconds(function: Callable[..., Any], options: dict[str, Any] | None, *arguments: Any) -> float:
    """Returns the seconds of the processors that compiling takes."""
    lowered = jax.jit(function, compiler_options=options).lower(*arguments)
    begin = time.process_time()
    lowered.compile()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
