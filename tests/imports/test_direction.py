"""Imports go one way, packages that are heavy or optional stay out, and nothing unpickles freely."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "meta_noise"

# room -> rooms and files it may import, besides itself
ALLOWED = {
    "errors": set(),
    "version": set(),
    "atomic": set(),
    "types": set(),
    "registry": {"errors"},
    "scheduling": {"types"},
    "config": {"errors"},
    "losses": {"types", "errors"},
    "core": {"types", "scheduling"},
    "models": {"types", "errors", "scheduling"},
    "methods": {"types", "losses", "core", "models.meta"},
    "data": {"types", "errors", "atomic", "registry"},
    "train": {"types", "errors", "atomic", "data", "core"},
    "report": {"errors", "atomic"},
    "folder": {"errors", "atomic", "config", "version"},
    "resolve": {"errors", "registry", "config", "core", "train"},
    "build": {"errors", "types", "registry", "resolve", "core", "losses", "models", "train"},
    "job": {"errors", "types", "registry", "build", "core", "data", "models.pretrained", "train"},
    "proportions": set(),
    "inspection": {"data", "proportions"},
    "expected_cost": {"choose", "config", "data", "job", "resolve", "train"},
    "crossfit": {"data", "proportions", "report"},
    "export": {"types", "errors", "folder", "build", "data", "train", "report"},
    "choose": {"errors", "data"},
    "trained": {"errors", "types", "folder", "build", "core", "data"},
    "api": {
        "resolve",
        "errors",
        "types",
        "choose",
        "registry",
        "config",
        "folder",
        "build",
        "job",
        "export",
        "data",
        "report",
        "train",
        "trained",
    },
    "cleaning": {
        "resolve",
        "errors",
        "api",
        "choose",
        "config",
        "crossfit",
        "folder",
        "build",
        "export",
        "data",
        "report",
        "train",
        "trained",
    },
    "rounds": {
        "resolve",
        "errors",
        "api",
        "choose",
        "config",
        "crossfit",
        "build",
        "data",
        "export",
        "proportions",
        "report",
        "train",
        "trained",
    },
    "main": {"errors", "config", "api"},
    "exported": {"errors", "atomic", "data", "trained"},
    "cli": {
        "errors",
        "atomic",
        "data",
        "api",
        "cleaning",
        "expected_cost",
        "inspection",
        "main",
        "report",
        "rounds",
        "train",
        "trained",
        "exported",
    },
    "cifar_setting": {"variant"},
    "text_setting": {"errors", "variant"},
    "variant": {"errors", "registry", "config"},
    "__init__": {"api", "cleaning", "errors", "core", "rounds", "trained", "version"},
}
FORBIDDEN = {"tensorflow", "torch", "pickle", "cloudpickle", "dill", "joblib", "clu"}
MAY_PICKLE = {"data/restricted_pickle.py"}
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names}
                if node.module == "meta_noise"
                else {node.module}
            )
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports(path):
    relative = path.relative_to(PACKAGE)
    room = relative.parts[0].removesuffix(".py")
    for name in imported(path):
        top, _, rest = name.partition(".")
        if top == "meta_noise":
            allowed = ALLOWED[room] | {room}
            assert any(rest == entry or rest.startswith(entry + ".") for entry in allowed), f"{relative} imports {name}"
        else:
            assert top not in FORBIDDEN or str(relative) in MAY_PICKLE, f"{relative} imports {name}"
            assert not (room == "core" and top == "flax"), f"{relative} imports {name}: the core does not know Flax"
            assert not (room == "report" and top == "jax"), f"{relative} imports {name}: reports read files only"


def test_every_room_is_named():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES}
    assert rooms == set(ALLOWED)


def test_methods_do_not_import_each_other():
    for path in (PACKAGE / "methods").glob("*.py"):
        assert not any(name.startswith("meta_noise.methods") for name in imported(path)), path


def test_no_file_is_called_utils():
    assert not {path.stem for path in FILES} & {"utils", "common", "helpers", "base"}
