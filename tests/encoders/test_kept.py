"""Vectors that are kept: found again, whole or not at all, within their limit, and never in the way."""

import os

import numpy as np
import pytest

from meta_noise.encoders import kept
from meta_noise.encoders.kept import folder, keeping, key_of

VECTORS = np.arange(6, dtype=np.float32).reshape(2, 3)


def never():
    raise AssertionError("it was kept")


def test_kept_and_found(tmp_path):
    key = key_of("abc", ["a text", "another"])
    made, was_kept = keeping(tmp_path / "kept", key, lambda: VECTORS)
    assert not was_kept and made is VECTORS
    found, was_kept = keeping(tmp_path / "kept", key, never)
    assert was_kept and found.dtype == np.float32
    np.testing.assert_array_equal(found, VECTORS)


def test_without_a_folder_nothing_is_kept(tmp_path):
    assert keeping(None, key_of("abc", ["a"]), lambda: VECTORS) == (VECTORS, False)
    assert not list(tmp_path.iterdir())


def test_what_is_damaged_is_made_anew(tmp_path):
    key = key_of("abc", ["a"])
    keeping(tmp_path, key, lambda: VECTORS)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for damaged in (whole[:-30], whole.replace(b"vectors", b"victors"), b""):
        path.write_bytes(damaged)
        found, was_kept = keeping(tmp_path, key, lambda: VECTORS + 1)
        assert not was_kept and found[0, 0] == 1
        assert keeping(tmp_path, key, never)[1]


def test_a_disk_that_refuses_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert keeping(tmp_path / "file" / "in", key_of("abc", ["a"]), lambda: VECTORS) == (VECTORS, False)


def test_what_was_not_used_for_longest_goes_first(tmp_path, monkeypatch):
    keys = [key_of("abc", [str(number)]) for number in range(4)]
    (tmp_path / "mine.npz").write_bytes(b"x" * 10_000)
    for place, key in enumerate(keys[:3]):
        keeping(tmp_path, key, lambda: VECTORS)
        os.utime(tmp_path / f"{key}.npz", (place, place))
    keeping(tmp_path, keys[0], never)  # used just now
    size = (tmp_path / f"{keys[0]}.npz").stat().st_size
    monkeypatch.setattr(kept, "MOST_BYTES", 3 * size + 1)
    keeping(tmp_path, keys[3], lambda: VECTORS)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"mine.npz", *(f"{keys[place]}.npz" for place in (0, 2, 3))}


def test_keys_tell_encoders_and_rows_apart():
    images = np.zeros((2, 4, 4, 3), np.uint8)
    rows = [["ab", "c"], ["a", "bc"], ["ab"], ["ab\ud800"], images, images.reshape(2, 8, 2, 3), images + 1]
    keys = [key_of(sha256, each) for sha256 in ("a", "b") for each in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"META_NOISE_CACHE": "off"}, None),
        ({"META_NOISE_CACHE": "/a"}, "/a/encoded"),
        ({"META_NOISE_CACHE": "", "XDG_CACHE_HOME": "/b"}, "/b/meta_noise/encoded"),
    ],
)
def test_where(monkeypatch, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert folder() == (expected and type(folder())(expected))
