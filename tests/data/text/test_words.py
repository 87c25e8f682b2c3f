import pytest

from meta_noise.data.text.words import build_vocabulary, number_words, piece_numberer, read_pieces, split_words
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import PIECES, write_pieces


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


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    return read_pieces(write_pieces(tmp_path_factory.mktemp("pieces")))


def cut(text, pieces, length=50):
    return [PIECES[token] for token in piece_numberer(pieces, length)(text)]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("the news", ["the", "news"]),
        ("Playing", ["play", "##ing"]),  # longest beginning first, then longest rest
        ("player's", ["play", "##er", "[UNK]", "[UNK]"]),  # a mark is a word of its own
        ("playx the", ["[UNK]", "the"]),  # a word that cannot be cut up to its end is unknown as a whole
        ("unplay", ["[UNK]"]),  # "play" alone begins a word only
        ("news.news", ["news", ".", "news"]),
        ("Thé NÉWS", ["the", "news"]),  # accents fall off
        ("th\u00ade n\u200bews", ["the", "news"]),  # soft hyphens and other invisible characters too
        ("a\x00b", ["a", "##b"]),
        ("a\u3000b", ["a", "[UNK]"]),  # wide white space
        ("the中a", ["the", "[UNK]", "a"]),  # a Chinese character is a word
        ("a" + "b" * 99, ["a"] + ["##b"] * 99),
        ("a" + "b" * 100, ["[UNK]"]),  # 101 characters
        ("", []),
    ],
)
def test_pieces(text, inside, pieces):
    assert cut(text, pieces, length=200) == ["[CLS]", *inside, "[SEP]"]


def test_a_long_text_loses_its_end_but_not_its_mark(pieces):
    assert cut("the news of the news", pieces, 4) == ["[CLS]", "the", "news", "[SEP]"]
    assert cut("playing playing", pieces, 4) == ["[CLS]", "play", "##ing", "[SEP]"]
    with pytest.raises(InputError, match="3 tokens or more, got 2"):
        piece_numberer(pieces, 2)


def test_the_file_must_be_a_vocabulary(tmp_path, pieces):
    assert [pieces[piece] for piece in PIECES] == list(range(len(PIECES)))
    with pytest.raises(DataNotFoundError, match=r"There is no vocabulary .*nowhere\.txt"):
        read_pieces(tmp_path / "nowhere.txt")
    path = tmp_path / "vocab.txt"
    path.write_text("the\nnews\n[PAD]\n[UNK]\n")
    with pytest.raises(InputError, match=r"lacks \[CLS\], \[SEP\]"):
        read_pieces(path)
    path.write_text("the\n[PAD]\n[UNK]\n[CLS]\n[SEP]\n")
    with pytest.raises(InputError, match=r"\[PAD\] in line 2"):
        read_pieces(path)
    path.write_bytes("\n".join(PIECES).replace("\n", "\r\n").encode())
    assert read_pieces(path) == pieces
