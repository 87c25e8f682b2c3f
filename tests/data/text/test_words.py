import pytest

from meta_noise.data.text.words import build_vocabulary, number_words, split_words
from meta_noise.errors import InputError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Oil at $47, up 3%!", ["oil", "at", "47", "up", "3"]),
        ("don't_stop", ["don", "t", "stop"]),
        ("Kàtàkárà ÉTÉ", ["kàtàkárà", "été"]),
        ("e\u0301te\u0301", ["été"]),  # decomposed and composed spelling are one word
        ("Awọ́n o\u0323\u0301", ["awọ́n", "\u1ecd\u0301"]),  # marks without a composed form belong to their letter
        ("東京 тест", ["東", "京", "тест"]),  # scripts without blanks: one token a letter
        ("カタカナ ひらがな", list("カタカナひらがな")),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),  # with the marks of the letter
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("❤️😀, £5", ["❤", "😀", "£", "5"]),  # symbols beyond ASCII
        ("", []),
        (" ... ", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text, words):
    assert split_words(text) == words


def test_the_vocabulary_goes_by_frequency_then_by_the_alphabet():
    texts = [["b", "c", "a"], ["c", "b", "a"], ["c", "once"]]
    assert build_vocabulary(texts, 100) == {"c": 2, "a": 3, "b": 4}
    assert build_vocabulary(reversed(texts), 100) == {"c": 2, "a": 3, "b": 4}
    assert build_vocabulary(texts, 4) == {"c": 2, "a": 3}
    assert build_vocabulary(texts, 2) == {}


def test_unknown_words_share_a_token():
    assert number_words(["c", "new", "a"], {"c": 2, "a": 3}) == [2, 1, 3]


def test_a_vocabulary_needs_two_tokens():
    with pytest.raises(InputError, match=r"2 tokens or more.*got 1"):
        build_vocabulary([], 1)
