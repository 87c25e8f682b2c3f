"""Every file of the room offers a factory of its name; those that read files answer alike where there are none."""

import importlib
import inspect
import pkgutil

import pytest

from meta_noise.data import sources
from meta_noise.errors import DataNotFoundError, InputError

NAMES = [module.name for module in pkgutil.iter_modules(sources.__path__)]


def factory(name):
    return getattr(importlib.import_module(f"{sources.__name__}.{name}"), name)


FROM_FILES = [name for name in NAMES if name not in ("arrays", "digits")]


def test_factories_have_docstrings():
    for name in NAMES:
        assert factory(name).__doc__.startswith("Returns")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "arrays"])
def test_path_and_part_come_first_and_parts_are_checked(name, tmp_path):
    parameters = list(inspect.signature(factory(name)).parameters.values())
    assert [(p.name, p.default) for p in parameters[:2]] == [("path", ""), ("part", "train")]
    with pytest.raises(InputError, match=r"Choices: .*test, train\."):
        factory(name)(str(tmp_path), "validation")


@pytest.mark.parametrize("name", FROM_FILES)
@pytest.mark.parametrize("path", ["", "nowhere"])
def test_missing_files_name_the_path_and_the_way_to_get_them(name, path, tmp_path):
    path = path and str(tmp_path / path)
    ways = r"python -m meta_noise.data.download|download_and_prepare|https://"
    with pytest.raises(DataNotFoundError, match=ways) as caught:
        factory(name)(path)
    assert path in str(caught.value) and name in str(caught.value)
