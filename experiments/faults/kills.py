"""Kills at file operations and at random moments, two processes at once, and full disks: trials, and what failed."""

import multiprocessing
import shutil
import time
from pathlib import Path

import jax
import numpy as np

from experiments.faults import bench
from experiments.faults.bench import Bench, Trial, silent, words_of
from experiments.faults.layer import Full, interposed, left, put_back, recorded

PRELOADED = ("experiments.faults.bench", "meta_noise.cli.clean", "meta_noise.cli.queue", "meta_noise.cli.predict")
LONGEST = 300  # seconds that a process may take before it counts as one that hangs


class Counted:
    """Trials of one kind: how many, what failed, how many met nothing."""

    def __init__(self) -> None:
        self.trials, self.idle, self.failures = 0, 0, list[str]()

    def add(self, failure: str, is_idle: bool = False) -> None:
        """Counts a trial; `failure` is "" where it went well."""
        self.trials += 1
        self.idle += is_idle
        if failure:
            self.failures.append(failure[:300])


def compile_into(folder: Path) -> None:
    """Keeps what is compiled for the next trial; before JAX is used."""
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)


def at_operations(made: Bench, trial: Trial, count: int, counted: Counted, seed: int = 0) -> None:
    """Kills a command before `count` of its file operations, drawn at random (all of them where count is 0)."""
    at, store = made.folder / "at", made.folder / "moments"
    words = words_of(trial, at)
    _empty(at, store)
    with recorded(at, store) as recorder:
        code, _, said = silent(words)
    if code:
        raise RuntimeError(f"{words} ends with {code}: {said}")
    expected = left(at)
    moments = recorder.moments
    if count:
        drawn = np.random.default_rng(seed).choice(len(moments), min(count, len(moments)), replace=False)
        moments = [moments[place] for place in np.sort(drawn)]
    for moment in moments:
        put_back(moment, at)
        counted.add(_again(trial, at, expected, f"before {moment.operation} of {moment.path}"))
    _empty(at, store)


def at_random(made: Bench, trial: Trial, count: int, counted: Counted, seed: int) -> None:
    """Kills processes of a command at random moments, by SIGKILL."""
    at, rng = made.folder / "at", np.random.default_rng(seed)
    words = words_of(trial, at)
    seconds = [_lasting(at, words) for _ in range(2)]
    expected, whole = left(at), min(seconds)
    for _ in range(count):
        _empty(at)
        process = _started(words, made.folder)
        wait = float(rng.uniform(0.02, 1.05)) * whole
        process.join(wait)
        is_over = process.exitcode is not None
        process.kill()
        process.join()
        counted.add(_again(trial, at, expected, f"after {wait:.3f} s"), is_over)
    _empty(at)


def in_pairs(made: Bench, trial: Trial, count: int, counted: Counted, seed: int) -> None:
    """Starts two processes of a command in one folder, the second one a random moment later."""
    at, rng = made.folder / "at", np.random.default_rng(seed)
    words = words_of(trial, at)
    whole = min(_lasting(at, words) for _ in range(2))
    expected = left(at)
    for _ in range(count):
        _empty(at)
        first = _started(words, made.folder)
        time.sleep(float(rng.uniform(0, 1)) * whole)
        both = first, _started(words, made.folder)
        for process in both:
            process.join(LONGEST)
        codes = sorted(process.exitcode if process.exitcode is not None else -1 for process in both)
        failure = "" if codes in ([0, 0], [0, 2]) else f"two processes end with {codes}"
        counted.add(failure or _again(trial, at, expected, f"two processes, {codes}"), codes == [0, 0])
    _empty(at)


def on_full_disks(made: Bench, trial: Trial, count: int, counted: Counted, seed: int) -> None:
    """Lets the disk be full from a random file operation on."""
    at, rng = made.folder / "at", np.random.default_rng(seed)
    words = words_of(trial, at)
    _empty(at)
    counter = Full(at, 10**9)
    with interposed(at, counter):
        silent(words)
    operations, expected = 10**9 - counter.left, left(at)
    for _ in range(count):
        _empty(at)
        full = Full(at, int(rng.integers(operations)))
        with interposed(at, full):
            code, _, said = silent(words)
        failure = ""
        if code != (2 if full.refused else 0) or (
            code == 2 and (said.count("\n") != 1 or not said.startswith("error"))
        ):
            failure = f"a full disk after {full.left} operations: code {code}, {said!r:.200}"
        counted.add(failure or _again(trial, at, expected, "after a full disk"), not full.refused)
    _empty(at)


def _again(trial: Trial, at: Path, expected: dict, when: str) -> str:
    """Gives the command again; returns "" where it ends with what an undisturbed one leaves.

    Some commands refuse where all of that is there already.
    """
    code, _, said = silent(words_of(trial, at))
    if code and not (code == 2 and trial.may_refuse and left(at) == expected):
        return f"{when}: code {code}, {said!r:.200}"
    found = left(at)
    names = sorted(name for name in {**found, **expected} if found.get(name) != expected.get(name))
    return f"{when}: {names[:3]} differ" if names else ""


def _started(words: list[str], folder: Path):
    """Returns a process of its own that gives a command, forked from one that has imported all but not used JAX."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    process = context.Process(target=child, args=(words, str(folder / "compiled")))
    process.start()
    return process


def child(words: list[str], cache: str) -> None:
    """Gives a command and ends with its code."""
    bench.settle()
    compile_into(Path(cache))
    raise SystemExit(silent(words)[0])


def _lasting(at: Path, words: list[str]) -> float:
    """Returns the seconds that a process takes for a command in an empty folder."""
    _empty(at)
    begin = time.monotonic()
    process = _started(words, at.parent)
    process.join(LONGEST)
    if process.exitcode != 0:
        raise RuntimeError(f"{words} ends with {process.exitcode}")
    return time.monotonic() - begin


def _empty(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
