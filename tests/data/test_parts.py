import pytest

from meta_noise.data.parts import check_part, existing, not_found
from meta_noise.errors import DataNotFoundError, InputError


def test_only_train_and_test_are_parts():
    assert [check_part(part) for part in ("train", "test")] == ["train", "test"]
    for wrong in ("validation", "", None):
        with pytest.raises(InputError, match="test, train"):
            check_part(wrong)


def test_missing_data_names_the_path_and_the_command(tmp_path):
    assert existing("mnist", tmp_path) == tmp_path
    gone = tmp_path / "gone"
    with pytest.raises(DataNotFoundError, match=f"python -m meta_noise.data.download mnist {gone}"):
        existing("mnist", gone)
    with pytest.raises(DataNotFoundError, match=r"needs a path.*download mnist DIR"):
        existing("mnist", "")
    assert "a file of data set mnist" in str(not_found("mnist", tmp_path, file="a file"))
