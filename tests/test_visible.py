"""Hidden characters."""

import pytest

from meta_noise.visible import visible


@pytest.mark.parametrize(
    "text, shown",
    [
        ("gpj\u202eexe", r"gpj\u202eexe"),
        ("\u2066a\u2069", r"\u2066a\u2069"),
        ("a\u200eb\u200f\u061c", r"a\u200eb\u200f\u061c"),
        ("\x1b[31mred", r"\u001b[31mred"),
        ("a\x00b\x7f\x9b", r"a\u0000b\u007f\u009b"),
        ("a\tb\nc\r", r"a\tb\nc\r"),
        ("same\u200b", r"same\u200b"),
        ("\ufeffa\xad", r"\ufeffa\u00ad"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_hidden_characters_become_escapes(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain text, (1) <&> \"'",
        "日本語　東京",
        "الكلب العربي",
        "כלב",
        "می\u200cخواهم",  # noqa: RUF001 - the joiners belong to the spelling
        "क्\u200dष",
        "👩\u200d🔬",
        "e\u0301 n\u0303",
        r"C:\users",
    ],
)
def test_ordinary_text_is_untouched(text):
    assert visible(text) == text
