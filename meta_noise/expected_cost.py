"""How long each method would train on a user's data here, and in how much memory: one measured step, scaled."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from meta_noise import build
from meta_noise.choose import choose
from meta_noise.config import complete
from meta_noise.data.own import Own
from meta_noise.data.prepare import prepare
from meta_noise.data.source import Source
from meta_noise.job import make_job
from meta_noise.train.compiled import compile_calls
from meta_noise.train.cost import Cost
from meta_noise.train.refresh import drawer, no_split
from meta_noise.train.sharding import placement
from meta_noise.train.steps import first_carry, reported
from meta_noise.train.tally import metric_names

MEASURED_ROWS = 1000  # rows that the measured step draws from


class Factors(NamedTuple):
    """Time and working memory of a step in units of a plain step; measured, see `FACTORS`."""

    time: float
    memory: float
    trusted: bool  # wants trusted rows
    texts: bool = True  # takes texts


# CPU time, and the compiler's count of memory, of steps of the small CNN on 32 x 32 images, 100 rows on both sides
FACTORS = {
    "supervised": Factors(1.0, 1.0, False),
    "l2r": Factors(3.5, 1.6, True),
    "mw_net": Factors(3.6, 1.6, True),
    "mlc_lcn": Factors(3.5, 1.7, True),
    "mlc_t": Factors(3.8, 1.6, True),
    "ieg": Factors(10.0, 4.5, True, texts=False),
    "famus": Factors(14.0, 7.1, False, texts=False),
}


def expected_costs(own: Own) -> dict[str, Any]:
    """Returns {network, epochs, batch_size, step_milliseconds, methods: [{method, seconds, memory_bytes, ...}]}.

    One plain step of the network that `meta-noise clean` would take is compiled and timed; the other methods are that
    times `FACTORS`, so they are right to a factor of about three. Compiling is not counted.

    Raises:
        InputError: there are too few rows.
    """
    chosen = choose(own, method="supervised", devices=placement().mesh.size)
    train, rows = chosen.config["train"], len(chosen.source.labels)
    trusted = 0 if own.source.trusted is None else int(own.source.trusted.sum())
    steps = train["epochs"] * max((rows - trusted) // train["batch_size"], 1)
    plain = _plain_step(chosen.source, chosen.config)
    data_bytes = int(chosen.source.inputs.nbytes)
    temporary = plain.temporary_bytes or 0
    return {
        "network": chosen.config["model"]["name"],
        "epochs": train["epochs"],
        "batch_size": train["batch_size"],
        "steps": steps,
        "step_milliseconds": round(plain.seconds * 1e3, 3),
        "data_bytes": data_bytes,
        "methods": [
            {
                "method": name,
                "seconds": round(plain.seconds * factors.time * steps, 1),
                "memory_bytes": round(data_bytes + temporary * factors.memory),
                "wants_trusted_rows": factors.trusted,
            }
            for name, factors in FACTORS.items()
            if factors.texts or own.kind != "texts"
        ],
    }


def _plain_step(source: Source, given: dict[str, Any]) -> Cost:
    """Returns the cost of a step of plain training, measured on a part of the rows."""
    rows = np.arange(min(len(source.labels), max(MEASURED_ROWS, 2 * given["train"]["batch_size"])))
    part = source._replace(inputs=source.inputs[rows], labels=source.labels[rows], ids=source.ids[rows], trusted=None)
    config = build.resolved(complete({**given, "clean": {"size": 0}}))
    where = placement()
    with tempfile.TemporaryDirectory() as folder:
        job = make_job(config, prepare(part, config, Path(folder)), None, where)
    draw = drawer(job, where, no_split(job), 0)
    names = metric_names(False, reported(job.method, job.method.step, job.settings, job.store, draw(0, 1)))

    class Started(NamedTuple):
        carry: Any

    def initial(store, draws):
        return Started(first_carry(job.method, job.settings, names, store, draws))

    shapes = jax.eval_shape(initial, job.store, draw(0, 1))
    _, cost = compile_calls(job, where, draw, jax.jit(initial, out_shardings=where.replicated), shapes.carry)
    return cost
