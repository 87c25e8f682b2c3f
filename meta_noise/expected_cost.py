"""How long each method would train on a user's data here, and in how much memory: one measured step, scaled."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from meta_noise import resolve
from meta_noise.choose import choose
from meta_noise.config import complete
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own import Own
from meta_noise.data.prepare import prepare
from meta_noise.data.source import Source
from meta_noise.job import make_job
from meta_noise.train.compiled import compile_calls
from meta_noise.train.cost import Cost
from meta_noise.train.job import Job
from meta_noise.train.refresh import drawer, no_split
from meta_noise.train.sharding import Placement, placement
from meta_noise.train.steps import batches_of, first_carry, reported
from meta_noise.train.tally import metric_names
from meta_noise.train.traced import Traced, ratios, traced

MEASURED_ROWS = 1000  # rows that the measured step draws from


class Takes(NamedTuple):
    """What a method takes: whether it wants trusted rows, and whether it can read texts."""

    trusted: bool
    texts: bool = True


METHODS = {
    "supervised": Takes(trusted=False),
    "l2r": Takes(trusted=True),
    "mw_net": Takes(trusted=True),
    "mlc_lcn": Takes(trusted=True),
    "mlc_t": Takes(trusted=True),
    "ieg": Takes(trusted=True, texts=False),
    "famus": Takes(trusted=False, texts=False),
}


def expected_costs(own: Own) -> dict[str, Any]:
    """Returns {network, epochs, batch_size, step_milliseconds, methods: [{method, seconds, memory_bytes, ...}]}.

    One plain step of the network that `meta-noise clean` would take is compiled and timed; the steps of the other
    methods are traced and counted (`meta_noise.train.traced`). Compiling is not counted.

    Raises:
        InputError: there are too few rows.
    """
    mesh = placement().mesh
    chosen = choose(own, method="supervised", devices=mesh.size, on_cpu=mesh.devices.flat[0].platform == "cpu")
    train, rows = chosen.config["train"], len(chosen.source.labels)
    trusted = 0 if own.source.trusted is None else int(own.source.trusted.sum())
    steps = train["epochs"] * max((rows - trusted) // train["batch_size"], 1)
    part = _part(chosen.source, train["batch_size"])
    where = placement()
    plain_job = _job(part, chosen.config, "supervised", where)
    plain, plain_counts = _measured(plain_job, where), _counted(plain_job, where)
    data_bytes = 0 if isinstance(chosen.source.inputs, Streamed) else int(chosen.source.inputs.nbytes)

    def of(name: str, takes: Takes) -> dict[str, Any]:
        step = plain_counts if name == "supervised" else _counted(_job(part, chosen.config, name, where), where)
        factors = ratios(plain_counts, step)
        return {
            "method": name,
            "seconds": round(plain.seconds * factors.time * steps, 1),
            "memory_bytes": round(data_bytes + (plain.temporary_bytes or 0) * factors.memory),
            "wants_trusted_rows": takes.trusted,
        }

    return {
        "network": chosen.config["model"]["name"],
        "epochs": train["epochs"],
        "batch_size": train["batch_size"],
        "steps": steps,
        "step_milliseconds": round(plain.seconds * 1e3, 3),
        "data_bytes": data_bytes,
        "methods": [of(name, takes) for name, takes in METHODS.items() if takes.texts or own.kind != "texts"],
    }


def _part(source: Source, batch_size: int) -> Source:
    """Returns as many rows as a measured step draws from, those of one batch called trusted."""
    rows = np.arange(min(len(source.labels), max(MEASURED_ROWS, 3 * batch_size)))
    trusted = np.arange(len(rows)) < min(batch_size, len(rows) // 2)
    return source._replace(
        inputs=source.inputs[rows], labels=source.labels[rows], ids=source.ids[rows], trusted=trusted
    )


def _job(source: Source, given: dict[str, Any], method: str, where: Placement) -> Job:
    """Returns a job of the method on a part of the rows."""
    guessed = method == "famus"  # it takes no trusted rows
    changed = {**given, "method": {"name": method}, "clean": {"size": 0, "auto": guessed}}
    config = resolve.resolved(complete({**changed, "train": {**given["train"], "epochs": 10}}))
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(source._replace(trusted=None) if guessed else source, config, Path(folder))
    return make_job(config, prepared, {}, where)


def _counted(job: Job, where: Placement) -> Traced:
    """Returns the traced counts of a step."""
    draws = drawer(job, where, no_split(job), 0)(0, 1)
    names = metric_names(False, reported(job.method, job.method.step, job.settings, job.store, draws))

    def first(store, draws):
        return first_carry(job.method, job.settings, names, store, draws).state

    def step(state, store, draws):
        one = jax.tree.map(lambda x: x[0], draws)
        return job.method.step(*batches_of(job.settings, state, store, one))

    return traced(step, jax.eval_shape(first, job.store, draws), job.store, draws)


def _measured(job: Job, where: Placement) -> Cost:
    """Returns the cost of a step, compiled and timed."""
    draw = drawer(job, where, no_split(job), 0)
    names = metric_names(False, reported(job.method, job.method.step, job.settings, job.store, draw(0, 1)))

    class Started(NamedTuple):
        carry: Any

    def initial(store, draws):
        return Started(first_carry(job.method, job.settings, names, store, draws))

    shapes = jax.eval_shape(initial, job.store, draw(0, 1))
    return compile_calls(job, where, draw, jax.jit(initial, out_shardings=where.replicated), shapes.carry)[1]
