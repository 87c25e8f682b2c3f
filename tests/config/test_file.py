"""Config files: one's own by its path, those of the library from any folder."""

import pytest

from meta_noise.config.file import find, load, shipped
from meta_noise.errors import InputError


def test_configs_of_the_library_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load("configs/digits.py:l2r,clean=30")["method"]["name"] == "l2r"
    assert {"digits.py", "cifar10.py", "clothing1m.py"} <= set(shipped())


def test_a_file_of_ones_own_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/digits.py").write_text("def get_config(arg):\n    return {'seed': 7}\n")
    assert load("configs/digits.py") == {"seed": 7}


@pytest.mark.parametrize(
    "path", ["configs/digit.py", "digits.py", "other/configs/digits.py", "configs/../digits.py", ""]
)
def test_no_other_path_is_found_so(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="one of this library: ") as error:
        find(path)
    assert repr(path) in str(error.value)
