"""Every name of the room is a factory; those that read files answer alike where there are none."""

import inspect

import pytest

from meta_noise.config import registry
from meta_noise.errors import DataNotFoundError, InputError

NAMES = registry.names("data.sources")


def factory(name):
    return registry.find("data.sources", name)


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
