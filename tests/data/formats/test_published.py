import hashlib

import pytest

from meta_noise.data.formats.published import CHECKSUMS, check_bytes, check_part, existing_path, not_found
from meta_noise.errors import DataNotFoundError, InputError


def test_every_checksum_is_md5_or_sha256():
    for files in CHECKSUMS.values():
        assert len(set(files.values())) == len(files)
        assert all(len(digest) in (32, 64) and int(digest, 16) >= 0 for digest in files.values())


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_mismatch_says_expected_and_got(monkeypatch, algorithm):
    expected = hashlib.new(algorithm, b"right").hexdigest()
    monkeypatch.setitem(CHECKSUMS, "toy", {"file": expected})
    check_bytes(b"right", "toy", "file", "here")
    got = hashlib.new(algorithm, b"wrong").hexdigest()
    with pytest.raises(InputError, match=f"here is not.*expected {algorithm} {expected}, got {got}.*verify=False"):
        check_bytes(b"wrong", "toy", "file", "here")


def test_only_train_and_test_are_parts():
    assert [check_part(part) for part in ("train", "test")] == ["train", "test"]
    for wrong in ("validation", "", None):
        with pytest.raises(InputError, match="test, train"):
            check_part(wrong)


def test_missing_data_names_the_path_and_the_command(tmp_path):
    assert existing_path("mnist", tmp_path) == tmp_path
    gone = tmp_path / "gone"
    with pytest.raises(DataNotFoundError, match=f"python -m meta_noise.data.download mnist {gone}"):
        existing_path("mnist", gone)
    with pytest.raises(DataNotFoundError, match=r"needs a path.*download mnist DIR"):
        existing_path("mnist", "")
    assert "a file of data set mnist" in str(not_found("mnist", tmp_path, file="a file"))
