"""Every module of the experiments can be imported, so that a moved name is noticed."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPTIONAL = {"cleanlab", "torch", "torchopt"}  # of comparisons
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "experiments").rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py")
)


@pytest.mark.parametrize("name", MODULES)
def test_it_can_be_imported(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        pytest.skip(f"{error.name} is not installed")
