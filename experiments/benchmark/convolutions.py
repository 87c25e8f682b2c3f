"""What convolutions take on CPUs: gradients by kernels outside of a loop and inside one, and those of few channels.

    python -m experiments.benchmark.convolutions
    python -m experiments.benchmark.convolutions --rows 100 --image 32 --channels 16

A gradient waits for the one before it, so that none is left out. Few channels are what the first layers of networks
see; they are compiled as `meta_noise.core.convolutions` writes them out, and as the compiler has them.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from rich.console import Console

from meta_noise.core import convolutions
from meta_noise.hosts.kept_memory import keep_memory
from meta_noise.train import compiler

REPEATED = 10  # gradients, one after the other
RUNS = 5  # of which the quickest is told
FIRST = {  # layer -> height and width, channels in and out, size of the kernel
    "lenet": (28, 1, 6, 5),
    "cnn of one channel": (28, 1, 16, 3),
    "cnn, ResNet-32, WRN": (32, 3, 16, 3),
    "PreActResNet": (32, 3, 64, 3),
}


def seconds(rows: int, image: int, channels: int, groups: int, looped: bool) -> float:
    """Returns the seconds of one gradient by a 3x3 kernel that keeps the number of channels."""
    images = jax.random.normal(jax.random.key(0), (rows, image, image, channels))
    slopes = jax.random.normal(jax.random.key(1), images.shape)
    kernel = jnp.zeros((3, 3, channels // groups, channels))

    def convolved(images: Any, kernel: Any) -> Any:
        orders = ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(
            images, kernel, (1, 1), "SAME", dimension_numbers=orders, feature_group_count=groups
        )

    def step(kernel: Any, images: Any, slopes: Any) -> Any:
        return kernel + jax.vjp(lambda k: convolved(images + kernel.mean(), k), kernel)[1](slopes)[0]

    def all_steps(kernel: Any, images: Any, slopes: Any) -> Any:
        if looped:
            return jax.lax.fori_loop(0, REPEATED, lambda _, kernel: step(kernel, images, slopes), kernel)
        for _ in range(REPEATED):
            kernel = step(kernel, images, slopes)
        return kernel

    compiled = jax.jit(all_steps, compiler_options=compiler.options())
    return _quickest(compiled, kernel, images, slopes) / REPEATED


def first_seconds(layer: str, rows: int, most_terms: int) -> float:
    """Returns the seconds of one of `FIRST`; sums of more than `most_terms` products are left to the compiler."""
    side, before, after, size = FIRST[layer]
    images = jax.random.normal(jax.random.key(0), (rows, side, side, before))
    kernel = jax.random.normal(jax.random.key(1), (size, size, before, after))

    def convolved(images: Any, kernel: Any) -> Any:
        return jax.lax.conv_general_dilated(images, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    usual, convolutions.MOST_TERMS = convolutions.MOST_TERMS, most_terms
    try:
        compiled = jax.jit(convolved, compiler_options=compiler.options()).lower(images, kernel).compile()
    finally:
        convolutions.MOST_TERMS = usual
    return _quickest(compiled, images, kernel)


def _quickest(function: Callable[..., Any], *arguments: Any) -> float:
    found = []
    for _ in range(RUNS + 1):  # the first also compiles
        begin = time.perf_counter()
        jax.block_until_ready(function(*arguments))
        found.append(time.perf_counter() - begin)
    return min(found[1:])


def main(arguments: list[str] | None = None) -> int:
    """Returns 0; wrong numbers end it with one sentence and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.convolutions")
    parser.description = __doc__.splitlines()[0] if __doc__ else ""
    parser.add_argument("--rows", type=int, default=32, help="of gradients in loops; first layers have 100")
    parser.add_argument("--image", type=int, default=16, help="height and width")
    parser.add_argument("--channels", type=int, default=32, help="a multiple of four")
    options = parser.parse_args(arguments)
    if min(options.rows, options.image, options.channels) < 1 or options.channels % 4:
        parser.error("--rows and --image have to be 1 or more, --channels a multiple of four such as 32")
    keep_memory()
    console = Console(highlight=False, soft_wrap=True)
    for layer, (side, before, after, size) in FIRST.items():
        own, usual = (1e3 * first_seconds(layer, 100, most) for most in (convolutions.MOST_TERMS, 0))
        about = f"{side} x {side} x {before} to {after}, {size} x {size}"
        console.print(f"{layer} ({about}): {own:.2f} ms written out, {usual:.2f} ms as the compiler has it")
    for groups in (1, 4, options.channels):
        outside, inside = (
            1e3 * seconds(options.rows, options.image, options.channels, groups, looped) for looped in (False, True)
        )
        console.print(f"{groups} groups: {outside:.1f} ms outside of a loop, {inside:.1f} ms inside one")
    return 0


if __name__ == "__main__":
    sys.exit(main())
