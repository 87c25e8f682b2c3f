"""The rows of a table: every case measured beside the plain step, with the machine and what the numbers depend on."""

import platform
from collections.abc import Iterator, Sequence
from pathlib import Path

import jax
from rich.console import Console

from experiments.benchmark.cases import PLAIN, Case, counted
from experiments.benchmark.measure import Times, alternate, compile_step, counts, runner
from experiments.benchmark.steps import Setting, Step, make_step, shapes_of
from experiments.benchmark.table import Row
from meta_noise.data.images.streamed import processors
from meta_noise.runs.folder import versions
from meta_noise.train.counts import Traced, mixed, ratios
from meta_noise.train.traced import traced


def measure_cases(setting: Setting, cases: Sequence[Case], pairs: int, peak: float, console: Console) -> Iterator[Row]:
    """Gives the rows of the plain step and of `cases`, as soon as each is measured.

    Args:
        setting: what all of them share.
        cases: the other rows.
        pairs: times that a step and the plain one take turns.
        peak: of the chip, in floating-point operations per second; 0: not known.
        console: where progress is shown.
    """
    plain_step = make_step(setting, PLAIN)
    plain_compiled, plain_traced = compile_step(plain_step), traced_counts(plain_step)
    plain, plain_counts = runner(plain_step, plain_compiled), counts(plain_step, plain_compiled)
    for case in (PLAIN, *cases):
        step = plain_step if case is PLAIN else make_step(setting, case)
        compiled = plain_compiled if case is PLAIN else compile_step(step)
        times = alternate(plain, plain if case is PLAIN else runner(step, compiled), pairs)
        console.print(
            f"{case.name}: {times.seconds * 1e3:.4g} ms, {times.ratio:.2f} times plain, "
            f"compiled in {compiled.seconds:.1f} s"
        )
        params = shapes_of(step).learner.params
        yield {
            **described(setting, "meta_noise", case.name, times, pairs),
            "images": setting.batch * case.updates,
            "updates": case.updates,
            "counted": counted(case, params, step.network.stages),
            "predicted": ratios(plain_traced, traced_counts(step))._asdict(),
            **counts(step, compiled)._asdict(),
            "plain": plain_counts._asdict(),
            "compile_seconds": compiled.seconds,
            "peak": peak,
        }


def traced_counts(step: Step) -> Traced:
    """Returns the traced counts of a step, on average over those between two meta steps."""
    arguments = jax.random.key(0), shapes_of(step), step.batch, step.clean
    whole, between = traced(step.method.step, *arguments), step.method.between
    return whole if between is None else mixed(whole, traced(between.step, *arguments), between.every)


def described(setting: Setting, library: str, case: str, times: Times, pairs: int) -> Row:
    """Returns what every row has: what was measured, on what, and the times."""
    return {
        "setting": title(setting),
        "library": library,
        "case": case,
        **times._asdict(),
        "images": setting.batch,
        "pairs": pairs,
        "machine": machine(),
        "versions": versions(),
    }


def title(setting: Setting) -> str:
    """Returns a setting in words."""
    model = ", ".join([setting.model["name"], *(f"{k}={v}" for k, v in setting.model.items() if k != "name")])
    changes = "".join(
        f", {section}.{key}={value}" for section, keys in setting.changes.items() for key, value in keys.items()
    )
    size = f"{setting.image}x{setting.image}"
    return f"{model}: batches of {setting.batch}, images of {size}, {setting.classes} classes{changes}; {device()}"


def device() -> str:
    """Returns the kind of the device that JAX uses."""
    first = jax.devices()[0]
    return first.device_kind if first.platform != "cpu" else "CPU"


def machine() -> str:
    """Returns processor, cores and versions in one line."""
    found = versions()
    return (
        f"{_processor()}, {processors()} cores; Python {found['python']}, jax {found['jax']}, jaxlib {found['jaxlib']}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
