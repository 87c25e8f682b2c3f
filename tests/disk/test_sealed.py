"""Sealed JSON: comes back, and any change of a byte is found or changes nothing."""

import json

import msgspec
import numpy as np
import pytest

from meta_noise.disk.sealed import BrokenSealError, DamageError, read_json, sealed, typed, write_json

VALUE = {"name": "x", "rate": 0.1, "list": [1, 2.5, None, True], "inside": {"b": "\u202e\ud800", "a": []}, "8": 10**20}


def test_comes_back(tmp_path):
    write_json(tmp_path / "a.json", {**VALUE, "pair": (1, 2), "numbers": {1: "one", 2: "two"}})
    expected = {**VALUE, "pair": [1, 2], "numbers": {"1": "one", "2": "two"}}
    assert read_json(tmp_path / "a.json") == expected
    (tmp_path / "b.json").write_text(json.dumps(json.loads((tmp_path / "a.json").read_text()), sort_keys=True))
    assert read_json(tmp_path / "b.json") == expected  # how it is written does not matter, what it says does


def test_no_bit_can_change_what_is_read(tmp_path):
    text, path = sealed(VALUE), tmp_path / "a.json"
    for place in range(len(text)):
        for bit in range(8):
            changed = bytearray(text)
            changed[place] ^= 1 << bit
            path.write_bytes(changed)
            try:
                assert read_json(path) == VALUE
            except DamageError as error:
                assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rate": 0.2}, "'rate' is 0.2, which is not what was written"),
        ({"more": 1}, "the key 'more' was added"),
        ({"name": None}, "'name' is None"),
    ],
)
def test_an_edited_key_is_named(tmp_path, change, sentence):
    stored = json.loads(sealed(VALUE))
    (tmp_path / "a.json").write_text(json.dumps({**stored, **change}))
    with pytest.raises(BrokenSealError, match=sentence) as caught:
        read_json(tmp_path / "a.json")
    assert caught.value.value == {**VALUE, **change}
    del stored["rate"]
    (tmp_path / "a.json").write_text(json.dumps(stored))
    with pytest.raises(BrokenSealError, match="'rate' is missing"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[",
        b"[1]",
        b"null",
        b"{}",
        b'{"a": 1}',
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"sha256": []}',
        b'{"sha256": {"a": 1}}',
        b"\x00",
    ],
)
def test_what_is_no_sealed_object(tmp_path, text):
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(DamageError):
        read_json(tmp_path / "a.json")


def test_numbers_that_are_not_finite_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": np.arange(3)})


class Inside(msgspec.Struct, forbid_unknown_fields=True):
    side: int


class Form(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    inside: Inside


def test_types_are_checked_and_named():
    assert typed({"name": "x", "inside": {"side": 3}}, Form).inside.side == 3
    for value, sentence in (
        ({"name": 1, "inside": {"side": 3}}, "name: expected `str`, got `int`, got 1"),
        ({"name": "x", "inside": {"side": "3"}}, "inside.side: expected `int`, got `str`, got '3'"),
        ({"name": "x"}, "missing required field `inside`"),
        ({"name": "x", "inside": {"side": 3}, "other": 1}, "unknown field `other`"),
    ):
        with pytest.raises(DamageError, match=sentence):
            typed(value, Form)
