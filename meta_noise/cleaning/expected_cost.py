"""How long each method would train on a user's data here, and in how much memory: one measured step, scaled."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from meta_noise.build.defaults import Wants, resolved, wants_of
from meta_noise.build.job import make_job
from meta_noise.cleaning.choose import choose
from meta_noise.config.schema import Clean, Config, Named
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own import Own
from meta_noise.data.prepare import prepare
from meta_noise.data.source import Source
from meta_noise.train.compiled import compile_started, start
from meta_noise.train.cost import Cost
from meta_noise.train.counts import Traced, ratios
from meta_noise.train.draws import at
from meta_noise.train.job import Job
from meta_noise.train.layout import sentences
from meta_noise.train.sharding import Placement, like, placement
from meta_noise.train.steps import batches_of, placed
from meta_noise.train.traced import traced

MEASURED_ROWS = 1000  # rows that the measured step draws from
LISTED = ("supervised", "l2r", "mw_net", "mlc_t", "mlc_lcn", "ieg", "famus")  # tracing takes about a second a method


def expected_costs(own: Own) -> dict[str, Any]:
    """Returns {network, epochs, batch_size, step_milliseconds, mesh, methods: [{method, seconds, memory_bytes, ...}]}.

    One plain step of the network that `meta-noise clean` would take is compiled and timed; the steps of the
    meta-learning methods are traced and counted (`meta_noise.train.traced`). Compiling comes on top of the seconds.

    Raises:
        InputError: there are too few rows.
    """
    chosen = choose(own, method="supervised")
    train, rows = chosen.config.train, len(chosen.source.labels)
    where = placement(rows=train.batch_size)
    trusted = 0 if own.source.trusted is None else int(own.source.trusted.sum())
    steps = train.epochs * max((rows - trusted) // train.batch_size, 1)
    part = _part(chosen.source, train.batch_size)
    plain_job = _job(part, chosen.config, "supervised", where)
    plain, plain_counts = _measured(plain_job, where), _counted(plain_job, where)
    data_bytes = 0 if isinstance(chosen.source.inputs, Streamed) else int(chosen.source.inputs.nbytes)

    def of(name: str, wants: Wants) -> dict[str, Any]:
        step = plain_counts if name == "supervised" else _counted(_job(part, chosen.config, name, where), where)
        factors = ratios(plain_counts, step)
        return {
            "method": name,
            "seconds": round(plain.seconds * factors.time * steps * (1 + wants.warmup), 1),
            "compile_seconds": round(plain.compile_seconds * factors.compiling, 1),
            "memory_bytes": round(data_bytes + (plain.temporary_bytes or 0) * factors.memory),
            "wants_trusted_rows": wants.clean_rows,
        }

    known = {name: wants_of(Named(name)) for name in LISTED}
    usable = {name: wants for name, wants in known.items() if wants.tokens or own.kind != "texts"}
    return {
        "network": chosen.config.model.name,
        "epochs": train.epochs,
        "batch_size": train.batch_size,
        "steps": steps,
        "step_milliseconds": round(plain.seconds * 1e3, 3),
        "data_bytes": data_bytes,
        "mesh": _mesh(plain_job, where),
        "methods": [of(name, wants) for name, wants in usable.items()],
    }


def _part(source: Source, batch_size: int) -> Source:
    """Returns as many rows as a measured step draws from, those of one batch called trusted.

    Rows of one class may lie together, and a step costs the same whatever the labels are: they go round, so that as
    many classes as possible have rows of both kinds.
    """
    rows = np.arange(min(len(source.labels), max(MEASURED_ROWS, 3 * batch_size)))
    trusted = np.arange(len(rows)) < min(batch_size, len(rows) // 2)
    labels = np.where(trusted, rows, rows - trusted.sum()) % source.num_classes
    return source._replace(
        inputs=source.inputs[rows], labels=labels.astype(source.labels.dtype), ids=source.ids[rows], trusted=trusted
    )


def _job(source: Source, given: Config, method: str, where: Placement) -> Job:
    """Returns a job of the method on a part of the rows."""
    guessed = wants_of(Named(method)).finds_clean  # it takes no trusted rows
    clean, train = Clean(size=0, auto=guessed), replace(given.train, epochs=10)
    config = resolved(replace(given, method=Named(method), clean=clean, train=train))
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(source._replace(trusted=None) if guessed else source, config, Path(folder))
    return make_job(config, prepared, {}, where)


def _counted(job: Job, where: Placement) -> Traced:
    """Returns the traced counts of a step."""
    draw, first = start(job, where)
    draws = draw(0, 1)

    def step(state, store, draws):
        return job.method.step(*batches_of(job.settings, state, store, at(draws, 0)))

    return traced(step, jax.eval_shape(first, job.store, draws).state, job.store, draws)


def _mesh(job: Job, where: Placement) -> list[str]:
    """Returns sentences on what stands on each of several devices."""
    draw, first = start(job, where)
    carry = jax.eval_shape(first, job.store, draw(0, 1))
    return sentences(where, like(carry, placed(where, carry)), job.batch_size)


def _measured(job: Job, where: Placement) -> Cost:
    """Returns the cost of a step, compiled and timed."""
    return compile_started(job, where, *start(job, where))[0].cost
