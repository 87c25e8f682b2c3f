"""Views and out-of-fold probabilities of a set, kept on disk so that they are made once."""

import pickle
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from experiments.own_data.sets import SETS, Set
from meta_noise.cleaning.tournament.bases import bases_of
from meta_noise.cleaning.tournament.problem import Problem, make_problem
from meta_noise.cleaning.views import make_views


def prepared(name: str, data: Path, cache: Path, seed: int, sets: Mapping[str, Callable[[Path], Set]] = SETS):
    """Returns (set, problem without trusted rows, base -> p(given | x), base -> seconds)."""
    path = cache / f"{name.replace(' ', '_').replace('%', '')}_{seed}.pickle"
    if path.is_file():
        return pickle.loads(path.read_bytes())  # written below
    found = sets[name](data)
    begin = time.process_time()
    views = make_views(found.kind, found.inputs, found.texts, seed)
    seconds = {"views": time.process_time() - begin}
    problem: Problem = make_problem(views, found.given, found.given * 0 - 1, found.num_classes, seed)
    parts = {}
    for base, run in bases_of(problem).items():
        begin = time.process_time()
        parts[base] = run(problem)
        seconds[base] = time.process_time() - begin
    cache.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps((found, problem, parts, seconds)))
    return found, problem, parts, seconds
