"""How far cheaper meta-gradients of k virtual steps are from the exact one, as a picture.

    python -m experiments.benchmark.nearly --write

Digits with 40% wrong labels, a perceptron, MW-Net and its virtual steps of plain descent, before training and after 300
steps of it. Of ten draws of batches the relative error of `truncated` and `neumann` is taken, in 64 bits, in the norm
of all meta-parameters. A row that is stored is not computed again.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import matplotlib
import numpy as np
import optax
from rich.console import Console
from sklearn.datasets import load_digits

from experiments.benchmark import table
from meta_noise import core
from meta_noise.atomic import atomically
from meta_noise.methods.mw_net import mw_net
from meta_noise.models.mlp import mlp
from meta_noise.models.network import to_network
from meta_noise.types import Batch, MetaGradient, State

FOLDER = Path(__file__).parent
STEPS, TRAINED, DRAWS, SIZE, RATE, NOISE, CLEAN = (2, 4, 10), (0, 300), 10, 100, 0.05, 0.4, 200
TERMS = {2: (1, 2, 4), 4: (1, 2, 4, 8), 10: (1, 2, 4, 10)}
LAST = {2: (1,), 4: (1, 2, 3), 10: (1, 2, 4, 7)}


class Approximation(NamedTuple):
    """One point of the picture: an engine with its number of differentiated steps or of terms, and what it costs.

    Attributes:
        kind: truncated or neumann.
        number: of steps that are differentiated, or of terms.
        passes: of a whole step of k virtual ones, in units of a plain step each (`cases.py`).
    """

    kind: str
    number: int
    passes: float


def approximations(steps: int) -> list[Approximation]:
    """Returns what is compared at `steps` virtual steps.

    A virtual step and the actual one cost 1 plain step each, the clean gradient 1 in all; going back through the first
    of the differentiated steps costs 1, through every further one, and for every further term, 3.
    """
    shared = 2 * steps + 1
    kinds = {"truncated": LAST[steps], "neumann": TERMS[steps]}
    return [
        Approximation(kind, number, (shared + 1 + 3 * (number - 1)) / steps)
        for kind, numbers in kinds.items()
        for number in numbers
    ]


def engine_of(one: Approximation) -> MetaGradient:
    """Returns the engine of a point."""
    return core.neumann(one.number) if one.kind == "neumann" else core.truncated(core.mixed_mode(), one.number)


def method_of(engine: MetaGradient, steps: int) -> core.Method:
    """Returns MW-Net with so many virtual steps."""
    tx, virtual = optax.sgd(RATE, momentum=0.9), core.plain_sgd(RATE)._replace(steps=steps)
    return core.bilevel(mw_net(), to_network(mlp(10, hidden=(64,))), tx, optax.adam(1e-3), engine, virtual)


def batches(seed: int, steps: int) -> tuple[Batch, Batch]:
    """Returns `steps` noisy batches, one after another, and a clean one; the noise is the same for all seeds."""
    digits = load_digits()
    fixed, draw = np.random.default_rng(0), np.random.default_rng(seed)
    order = fixed.permutation(len(digits.target))
    inputs, labels = (digits.data / 16)[order], digits.target[order].astype(np.int32)
    given = np.where(fixed.random(len(labels)) < NOISE, fixed.integers(0, 10, len(labels)), labels).astype(np.int32)
    noisy = draw.integers(CLEAN, len(labels), steps * SIZE)
    clean = draw.integers(0, CLEAN, SIZE)
    return Batch(inputs[noisy], given[noisy], noisy.astype(np.int32)), Batch(
        inputs[clean], labels[clean], clean.astype(np.int32)
    )


def trained(steps: int) -> State:
    """Returns the state after so many steps with one virtual step each, in 64 bits."""
    method = method_of(core.mixed_mode(), 1)
    state = jax.tree.map(_doubled, method.init(jax.random.key(0), batches(0, 1)[0]))
    step = jax.jit(method.step)
    for number in range(steps):
        state, _ = step(jax.random.key(number), state, *batches(1000 + number, 1))
    return state


def _doubled(x: Any) -> Any:
    return x.astype(np.float64) if jax.numpy.issubdtype(x.dtype, np.floating) else x


def measured(known: list[table.Row], states: dict[int, State], steps: tuple[int, ...]) -> Iterator[table.Row]:
    """Gives a row for every point that is not among the known ones."""
    done = {(row["steps"], row["kind"], row["number"]) for row in known}
    for k in steps:
        todo = [one for one in approximations(k) if (k, one.kind, one.number) not in done]
        exact = _gradients(core.mixed_mode(), k, states) if todo else {}
        for one in todo:
            found = _gradients(engine_of(one), k, states)
            errors = {
                trained: np.linalg.norm(found[trained] - exact[trained], axis=1)
                / np.linalg.norm(exact[trained], axis=1)
                for trained in states
            }
            yield {
                "steps": k,
                **one._asdict(),
                "errors": {str(trained): np.quantile(e, (0.25, 0.5, 0.75)).tolist() for trained, e in errors.items()},
            }


def _gradients(engine: MetaGradient, steps: int, states: dict[int, State]) -> dict[int, np.ndarray]:
    """Returns the meta-gradients [DRAWS, meta-parameters] in each of the states."""
    method = method_of(engine, steps)
    assert method.meta_grads is not None
    grads = jax.jit(method.meta_grads)
    return {
        trained: np.stack([_flat(grads(jax.random.key(1), state, *batches(seed, steps))) for seed in range(DRAWS)])
        for trained, state in states.items()
    }


def _flat(tree: Any) -> np.ndarray:
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


def draw(path: Path, rows: list[table.Row]) -> None:
    """Writes the picture of the numbers of steps that there are rows of."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    measured_steps = sorted({row["steps"] for row in rows})
    size = 3.2 * len(measured_steps), 3.4
    figure, panels = pyplot.subplots(
        1, len(measured_steps), figsize=size, sharey=True, squeeze=False, layout="constrained"
    )
    for axes, steps in zip(panels[0], measured_steps, strict=True):
        for kind, mark in (("truncated", "o"), ("neumann", "s")):
            chosen = sorted((row for row in rows if (row["steps"], row["kind"]) == (steps, kind)), key=_cost)
            for trained, style in zip(TRAINED, ("--", "-"), strict=True):
                low, middle, high = np.transpose([row["errors"][str(trained)] for row in chosen])
                label = f"{kind}, {'at the start' if trained == 0 else f'after {trained} steps'}"
                color = "C0" if kind == "truncated" else "C1"
                passes = [_cost(row) for row in chosen]
                axes.plot(passes, middle, style, marker=mark, markersize=4, color=color, label=label)
                axes.fill_between(passes, low, high, color=color, alpha=0.15, linewidth=0)
        axes.axvline((12 + 15 * (steps - 1)) / 3 / steps, color="gray", linewidth=0.8)
        axes.set_title(f"{steps} virtual steps", fontsize="small")
        axes.set_xlabel("passes of an update / plain step")
        axes.set_yscale("log")
    panels[0, 0].set_ylabel("error / exact meta-gradient")
    panels[0, 0].legend(frameon=False, fontsize="x-small")
    with atomically(path) as file:
        figure.savefig(file, format="png", dpi=120)
    pyplot.close(figure)


def _cost(row: table.Row) -> float:
    return row["passes"]


def main(arguments: list[str] | None = None) -> int:
    """Returns 0."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.nearly", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, nargs="+", choices=STEPS, default=STEPS, help="virtual steps")
    parser.add_argument("--write", action="store_true", help="put nearly.jsonl and nearly.png into this folder")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    known = table.read_lines(FOLDER / "nearly.jsonl") if options.write else []
    with jax.enable_x64(True):
        states = {count: trained(count) for count in TRAINED}
        for row in measured(known, states, tuple(options.steps)):
            errors = ", ".join(f"{values[1]:.3g} after {count}" for count, values in row["errors"].items())
            console.print(
                f"{row['steps']} steps, {row['kind']} {row['number']}: {row['passes']:.2f} passes, error {errors}"
            )
            known.append(row)
            if options.write:
                table.write_lines(FOLDER / "nearly.jsonl", known)
    if options.write:
        draw(FOLDER / "nearly.png", known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
