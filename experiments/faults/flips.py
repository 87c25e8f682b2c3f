"""Single bits flipped in every file of a finished run: found, without effect, or a silent change."""

import shutil
from pathlib import Path

import numpy as np

from experiments.faults.bench import QUICK, Bench, silent
from experiments.faults.kills import Counted
from experiments.faults.layer import left
from meta_noise.disk.lock import LOCK

READ = ("model.json", "model.npz", "labels.parquet", "origin.json", "config.json")
NEEDED = ("finished.json", "model.json")  # without these a run is resumed from its checkpoint


def looked_at(made: Bench, count: int, counted: Counted, seed: int) -> None:
    """Flips a bit of any file but of checkpoints, then classifies the rows and asks for a queue."""
    run, at = made.folder / "bent", made.folder / "at"
    _copied(made.run, run)
    commands = {
        "predict": ["predict", str(run), str(made.data), "--out", str(at / "found.csv")],
        "queue": ["queue", str(run), "--n", "8", "--out", str(at / "queue")],
    }
    expected = {name: _outcome(words, at)[:2] for name, words in commands.items()}
    files = [path for path in _files(run) if "checkpoints" not in path.parts]
    for path, place, bit in _draws(files, count, seed):
        with _flipped(path, place, bit):
            found = {name: _outcome(words, at) for name, words in commands.items()}
        failures = [
            f"{path.name}, byte {place}, bit {bit}: {name} {problem}"
            for name, (*outcome, said) in found.items()
            if (problem := _problem(tuple(outcome), expected[name], said))
        ]
        counted.add("; ".join(failures), all(outcome[0] == 0 for outcome in found.values()))


def gone_on_with(made: Bench, count: int, counted: Counted, seed: int) -> None:
    """Flips a bit of any file, then gives the command of the run again; of checkpoints, where they are needed."""
    at, kept = made.folder / "at", made.folder / "kept"
    shutil.rmtree(at, ignore_errors=True)
    words = ["clean", str(made.data), "--out", str(at / "run"), *QUICK]
    silent(words)
    _copied(at, kept)
    expected = left(at)
    for path, place, bit in _draws(_files(kept), count, seed):
        _copied(kept, at)
        mine = at / path.relative_to(kept)
        if "checkpoints" in path.parts:
            for name in NEEDED:
                (at / "run" / name).unlink()
        with _flipped(mine, place, bit, for_good=True):
            code, _, said = silent(words)
        what = f"{path.relative_to(kept)}, byte {place}, bit {bit}"
        if code == 2:
            counted.add("" if _is_sentence(said) else f"{what}: {said!r}")
            continue
        found = left(at)
        names = sorted(name for name in {**found, **expected} if found.get(name) != expected.get(name))
        counted.add(f"{what}: code {code}, {names[:3]} differ, {said[-150:]!r}" if code or names else "", not code)
    shutil.rmtree(at, ignore_errors=True)


class _flipped:  # noqa: N801 (a context)
    """A file with one bit turned; put back at the end, unless for good."""

    def __init__(self, path: Path, place: int, bit: int, for_good: bool = False):
        self._path, self._data, self._for_good = path, path.read_bytes(), for_good
        self._bent = bytearray(self._data)
        self._bent[place] ^= 1 << bit

    def __enter__(self) -> None:
        self._path.write_bytes(self._bent)

    def __exit__(self, *error: object) -> None:
        if not self._for_good:
            self._path.write_bytes(self._data)


def _outcome(words: list[str], at: Path) -> tuple[int, dict, str]:
    """Returns the code of a command in an empty folder, what it left, and what it said of errors."""
    shutil.rmtree(at, ignore_errors=True)
    code, _, said = silent(words)
    return code, left(at) if at.is_dir() else {}, said


def _problem(found: tuple, expected: tuple, said: str) -> str:
    """Returns what went wrong: a silent change, or an error that is no sentence; "" where nothing did."""
    code, files = found
    if code == 0:
        return "" if files == expected[1] else "changes in silence"
    return "" if code == 2 and _is_sentence(said) else f"ends with {code}: {said!r:.150}"


def _is_sentence(said: str) -> bool:
    return said.startswith("error: ") and said.count("\n") == 1


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size and p.name != LOCK)


def _draws(files: list[Path], count: int, seed: int):
    """Yields (file, byte, bit): all files in turn, and every second time one of those that every command reads."""
    rng = np.random.default_rng(seed)
    read = [path for path in files if path.name in READ]
    for number in range(count):
        path = (read, files)[number % 2][number // 2 % len((read, files)[number % 2])]
        yield path, int(rng.integers(path.stat().st_size)), int(rng.integers(8))


def _copied(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
