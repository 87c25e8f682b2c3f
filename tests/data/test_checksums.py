import hashlib

import pytest

from meta_noise.data.checksums import CHECKSUMS, check_bytes
from meta_noise.errors import InputError


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
