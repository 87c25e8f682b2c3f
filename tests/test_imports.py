"""Imports go one way, packages that are heavy or optional stay out, and nothing unpickles freely."""

import ast
import functools
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "meta_noise"

# room -> rooms directly below it; a room may import these and all that is below them
BELOW: dict[str, tuple[str, ...]] = {
    "errors": (),
    "types": (),
    "version": (),
    "atomic": (),
    "disk": ("errors", "atomic"),
    "config": ("errors",),
    "core": ("types",),
    "losses": ("errors",),
    "models": ("core", "errors"),
    "objectives": ("models", "losses"),  # parts that methods share
    "methods": ("objectives",),
    "visible": (),
    "terminal": ("visible",),
    "hosts": ("errors", "atomic", "terminal"),
    "report": ("disk", "visible"),
    "data": ("config", "types", "disk", "terminal"),
    "train": ("data", "core", "hosts"),
    "build": ("train", "models", "losses"),  # methods are looked up by name
    "encoders": ("train", "models"),
    "runs": ("build", "report", "version", "encoders", "hosts"),
    "cleaning": ("runs",),
    "estimator": ("cleaning",),
    "main": ("runs", "hosts"),
    "cli": ("cleaning", "main"),
    "__main__": ("cli",),
    "__init__": ("estimator",),
}
KEPT_OUT = {"tensorflow", "torch", "pickle", "cloudpickle", "dill", "joblib", "clu"}
MAY_PICKLE = {"data/formats/restricted_pickle.py"}
CORE_HAS = {"jax", "optax", "chex", "numpy"}  # beside the standard library
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            whole = node.module == "meta_noise"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if whole else {node.module}
    return found


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@functools.cache
def reached(room: str) -> frozenset[str]:
    """Returns a room and all below it."""
    return frozenset({room}).union(*(reached(below) for below in BELOW[room]))


def edges() -> set[tuple[str, str, str]]:
    """Returns (file, its room, room that it imports)."""
    return {
        (str(path.relative_to(PACKAGE)), room_of(path), name.split(".")[1])
        for path in FILES
        for name in imported(path)
        if name.startswith("meta_noise.")
    }


def test_imports_go_one_way():
    assert {room_of(path) for path in FILES} == set(BELOW)
    wrong = {edge for edge in edges() if edge[2] not in reached(edge[1])}
    assert not wrong


def test_no_permission_is_stale():
    used = {(room, other) for _, room, other in edges()}
    stale = {(room, below) for room, belows in BELOW.items() for below in belows if (room, below) not in used}
    assert not stale


def test_what_stays_out():

    for path in FILES:
        relative = str(path.relative_to(PACKAGE))
        outside = {name.split(".")[0] for name in imported(path)} - {"meta_noise"}
        assert relative in MAY_PICKLE or not outside & KEPT_OUT, relative
        if room_of(path) == "core":
            assert outside <= CORE_HAS | set(sys.stdlib_module_names), relative
        assert not (room_of(path) == "report" and "jax" in outside), f"{relative}: reports read files only"


def test_methods_do_not_import_each_other():
    for path in (PACKAGE / "methods").glob("*.py"):
        assert not any(name.startswith("meta_noise.methods") for name in imported(path)), path


def test_no_file_is_called_utils():
    assert not {path.stem for path in FILES} & {"utils", "common", "helpers", "base"}
