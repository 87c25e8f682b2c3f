"""Files of tokens and tags: every form, every byte, and one sentence for what is wrong."""

import gzip

import pytest

from meta_noise.data.tagged import read_tagged
from meta_noise.errors import InputError

TEXT = "-DOCSTART- -X- O O\n\nKano NNP B-NP B-LOC\nta V B-VP O\n\n# a remark of the file\n# O O O\nçok x  y O \n"


@pytest.mark.parametrize(
    ("encoding", "mark", "end"),
    [
        ("utf-8", "", "\n"),
        ("utf-8", "\ufeff", "\r\n"),
        ("utf-16-le", "\ufeff", "\r\n"),
        ("utf-16-be", "\ufeff", "\n"),
        ("latin-1", "", "\n"),
        ("utf-8", "", "\r"),
    ],
)
def test_every_other_byte_stays(tmp_path, encoding, mark, end):
    text = (mark + TEXT.replace("# a remark of the file\n", "")).replace("\n", end)
    path = tmp_path / "a.conll"
    path.write_bytes(text.encode(encoding))
    found = read_tagged(path)
    assert found.tokens == ["Kano", "ta", "#", "çok"] and found.tags == ["B-LOC", "O", "O", "O"]
    assert found.ids == ["1:1", "1:2", "2:1", "2:2"] and found.line.tolist() == [3, 4, 6, 7]
    assert found.rewritten({}) == path.read_bytes()
    assert found.rewritten({3: "B-LOC"}) == text.replace("y O ", "y B-LOC ").encode(encoding)


def test_tabs_keep_blanks_in_tokens_and_packed_files_are_read(tmp_path):
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(b"New York\tB-LOC\n \t \nis\tO\n\nbig\tO\n#tag\tO\n"))
    found = read_tagged(path)
    assert found.tokens == ["New York", "is", "big", "#tag"] and found.sentence.tolist() == [0, 1, 2, 2]


def test_conllu_and_chosen_columns(tmp_path):
    path = tmp_path / "a.conllu"
    rest = "\t_\t_\t_\t_\t_\t_"
    lines = ["# text = Go on", f"1-2\tGoon\t_\t_{rest}", f"1\tGo\tgo\tVERB{rest}", f"2\ton\ton\tADP{rest}", ""]
    path.write_text("\n".join(lines * 2))
    assert read_tagged(path).tags == ["VERB", "ADP"] * 2
    assert read_tagged(path, token="3").tokens == ["go", "on"] * 2
    with pytest.raises(InputError, match=r"number of a column of a\.conllu, 1 to 10"):
        read_tagged(path, tag="upos")
    with pytest.raises(InputError, match="cannot both be in column 3"):
        read_tagged(path, token="3", tag="3")


@pytest.mark.parametrize(
    ("line", "said"),
    [("Kano", "has a token and no tag: 'Kano'"), ("\tO", "has a tag and no token"), ("a\tb\tO", "has 3 columns")],
)
def test_a_line_without_a_pair_is_named_or_left_as_it_is(tmp_path, line, said):
    path = tmp_path / "a.conll"
    path.write_text(f"a\tO\nb\tO\n\nc\tO\n{line}\nd\tO\n")
    with pytest.raises(InputError, match=f"Line 5 of a.conll {said}.*--skip-bad"):
        read_tagged(path)
    found = read_tagged(path, skip_bad=True)
    assert found.tokens == list("abcd") and [line for line, _ in found.skipped] == [5]
    assert found.rewritten({3: "X"}) == path.read_bytes().replace(b"d\tO", b"d\tX")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"one\ntwo\n\nthree\n", "has no tags: most lines hold one word"),
        (b"a\tO\nb\tO\n", "are one sentence, as no blank line parts them"),
        (b"\n\n", "is empty"),
        (b"-DOCSTART- O\n\n", "has no tags"),
        ("a\tO\nç\tO\n\n".encode() + b"\xff\tO\n", "byte 0xff is not UTF-8"),
    ],
)
def test_what_is_no_such_file_gets_one_sentence(tmp_path, content, said):
    path = tmp_path / "a.conll"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_tagged(path)


def test_a_sentence_of_most_of_the_text_lacks_blank_lines(tmp_path):
    short, long = "a\tO\nb\tX\n\n", "c\tO\n" * 3_000
    path = tmp_path / "a.conll"
    path.write_text(short * 3 + long)
    with pytest.raises(InputError, match=r"begins in line 10 of a.conll has 3,000 tokens of 3,006 in all"):
        read_tagged(path)
    path.write_text(long + "\n" + short * 2_000)
    assert "line 1 of a.conll has 3,000 tokens; perhaps blank lines are missing" in read_tagged(path).notes[-1]


def test_tags_may_hold_blanks_between_tabs(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("Kano\tB LOC\r\nta\tO\r\n\r\nyi\tO\r\n", newline="")
    found = read_tagged(path)
    assert found.tags == ["B LOC", "O", "O"] and found.rewritten({0: "O"}).startswith(b"Kano\tO\r\n")
    path.write_text("Kano B LOC\nta O\n\nyi O\nki O\n")
    with pytest.raises(InputError, match=r"Line 1 of a.tsv has 3 columns, and the others have 2: 'Kano B LOC'"):
        read_tagged(path)
