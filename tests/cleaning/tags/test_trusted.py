"""Trusted sentences, by numbers and by their words."""

import numpy as np
import pytest

from meta_noise.cleaning.tags.trusted import read_trusted
from meta_noise.data.tagged.listed import read_lists
from meta_noise.errors import InputError
from tests import tagged

NOISY, WRONG = tagged.with_wrong(tagged.sentences(40))
DATA = read_lists([[word for word, _ in one] for one in NOISY], [[tag for _, tag in one] for one in NOISY])


@pytest.mark.parametrize("asked", ["2,5", " 2\n5\n", [2, 5], "2:1,5:3", "2,5" + 500 * ",5", "file"])
def test_numbers_of_sentences(asked, tmp_path):
    if asked == "file":
        asked = tmp_path / "numbers.txt"
        asked.write_text("2\n5\n")
    found = read_trusted(asked, DATA)
    assert sorted(set(DATA.sentence[found.rows].tolist())) == [1, 4] and not found.is_counted
    assert found.tags == [DATA.tags[row] for row in found.rows]


def test_sentences_are_found_by_their_words(tmp_path):
    right = [*tagged.sentences(40)[3:5], [("Nobody", "O"), ("knows", "O")]]
    found = read_trusted(tagged.write(tmp_path / "right.conll", right), DATA)
    rows = np.flatnonzero(np.isin(DATA.sentence, [3, 4]))
    assert set(rows) <= set(found.rows.tolist())
    assert "1 sentences of right.conll are not in sentences" in found.notes[1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [("0", "numbered 1 to 40"), ([41], "numbered 1 to 40"), ("none.conll", "which is no file"), ([], "names none")],
)
def test_what_is_no_sentence_is_said(asked, said):
    with pytest.raises(InputError, match=said):
        read_trusted(asked, DATA)


def test_other_sentences_are_refused(tmp_path):
    path = tagged.write(tmp_path / "a.conll", [[("x", "O"), ("y", "O")]])
    with pytest.raises(InputError, match=r"None of the 1 sentences of a.conll is in sentences"):
        read_trusted(path, DATA)
