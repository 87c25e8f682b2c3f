import csv
import gzip

import pytest

from meta_noise.data.own import read
from meta_noise.data.own.delimited import CHUNK, read_delimited
from meta_noise.errors import InputError

ROWS = "text,label\nA fine day,good\nA bad day,bad\nA finer day,good\nA worse day,bad\n"


def test_cells_are_kept_as_written(write):
    table = read_delimited(write("a.csv", 'text,label\n"=1+1, ""<b>x</b>""",007\n" y\n z ",1e5\n'))
    assert table.columns["text"].to_pylist() == ['=1+1, "<b>x</b>"', " y\n z "]
    assert table.columns["label"].to_pylist() == ["007", "1e5"]


def test_rows_know_their_first_line(write):
    table = read_delimited(write("a.csv", '\ntext,label\n\n"one\ntwo",a\nthree,b\r\nfour,c'))
    assert table.lines.tolist() == [4, 6, 7] and table.size == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(write, delimiter):
    own = read(write("a.csv", ROWS.replace(",", delimiter)))
    assert own.texts[0] == "A fine day" and own.class_names == ("bad", "good")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_with_and_without_mark(write, encoding):
    own = read(write("a.csv", ROWS.replace("fine", "schöne").encode(encoding)))
    assert own.texts[0] == "A schöne day" and "Inputs are the texts in column 'text'." in own.notes


@pytest.mark.parametrize(
    "encoding, letters, called",
    [
        ("utf-16", "schöne", "is UTF-16 text"),
        ("utf-16-be", "\ufeffschöne", "is UTF-16 text"),
        ("cp1252", "schöne „“ €", "read as Windows-1252"),
        ("latin-1", "schöne \x81", "read as Latin-1"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_other_encodings_are_read_and_said(write, encoding, letters, called, pack):
    mark, word = ("\ufeff", letters[1:]) if letters[0] == "\ufeff" else ("", letters)
    content = (mark + ROWS.replace("fine", word)).encode(encoding)
    own = read(write("a.csv" if pack is bytes else "a.csv.gz", pack(content)))
    assert own.texts[0] == f"A {word} day" and any(called in note for note in own.notes)


@pytest.mark.parametrize(
    "encoding, text", [("shift-jis", "\u3053\u308c\u306f"), ("cp1251", "\u0434\u0435\u043d\u044c")]
)
def test_encodings_that_cannot_be_told(write, refusal, encoding, text):
    rows = "text,label\n" + f"{text} {text} {text},{text}\n" * 4
    assert "is not UTF-8, and has too many letters with codes above 127" in refusal(
        write("a.csv", rows.encode(encoding))
    )


def test_long_texts(write):
    long = "many words " * 30_000
    own = read(write("a.csv", ROWS + f'"{long}",good\n'))
    assert own.texts[4] == long and csv.field_size_limit() == 131_072


def test_packed_file(write):
    own = read(write("a.csv.gz", gzip.compress(ROWS.encode())))
    assert len(own.texts) == 4 and own.source.ids[1] == "a-00001"


def test_more_rows_than_a_chunk(write):
    own = read(
        write("a.csv", "text,label\n" + "".join(f"number {row} of many words,{row % 3}\n" for row in range(CHUNK + 5)))
    )
    assert own.texts[CHUNK] == f"number {CHUNK} of many words" and own.source.labels[-1] == (CHUNK + 4) % 3


def test_quotes_of_tab_separated_files(write):
    plain = read(write("plain.tsv", 'text\tlabel\n"Oh" he said\ta\n"So what\tb\nx\ta\ny\tb\n'))
    assert plain.texts[:2] == ['"Oh" he said', '"So what'] and any(
        "Quotes are ordinary" in note for note in plain.notes
    )
    quoted = read(write("quoted.tsv", 'text\tlabel\n"a ""b"" c\td"\ta\n"x\ny"\tb\nz\ta\nw\tb\n'))
    assert quoted.texts[:2] == ['a "b" c\td', "x\ny"]


def test_columns_without_a_name_are_left_out(write):
    own = read(write("a.csv", ",x,label\n0,1.5,a\n1,2.5,b\n2,1.0,a\n3,2.0,b\n"))
    assert own.columns == ("x",) and "1 column without a name left out." in own.notes


@pytest.mark.parametrize(
    "content, said",
    [
        (ROWS + "A day, or two,good\n", r"a\.csv, line 6 .*3 cells, but the header names 2"),
        (ROWS + "A day\n", r"line 6 .*1 cell, but"),
        (
            ROWS.replace("fine", "schöne").encode() + "Ein schöner Tag,good\n".encode("latin-1"),
            r"line 6 .*byte 0xf6 is not",
        ),
        (ROWS + '"A day,good\n', r"line 6 .*begins on this line is not closed"),
        (ROWS + '"A" day,good\n', r"line 6 .*quote stands in the middle"),
    ],
)
def test_bad_rows(write, refusal, content, said):
    path = write("a.csv", content)
    with pytest.raises(InputError, match=said):
        read(path)
    own = read(path, skip_bad=True)
    assert len(own.texts) == 4 and [(each.row, each.id) for each in own.skipped] == [(6, "a-00004")]
    assert own.skipped[0].reason in refusal(path)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n\n", "is empty"),
        (b"\n" * 5000, "must name the columns"),
        (b"text,label\n", "has a header and nothing else"),
        (b"0.5,1\n0.25,2\n", "must name the columns, but it holds 0.5, 1"),
        (b"text,text,label\na,b,c\n", "names 'text' more than once"),
        (ROWS.encode("utf-16")[:-1], "is no whole text in UTF-16"),
        (ROWS.encode("utf-16-le"), "zero bytes"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"text,label\na\0b,c\n", "zero bytes"),
        ("t\xe9xt,label\na,b\n".encode("latin-1") + "ä,b\n".encode(), "line 1: byte 0xe9 is not UTF-8"),
        (b'"text,label\n', "line 1: a quoted cell"),
    ],
)
def test_bad_files(write, refusal, content, said):
    path = write("a.csv", content)
    assert said in refusal(path) and said in refusal(path, skip_bad=True)


def test_damaged_and_large_packed_files(write, refusal, monkeypatch):
    whole = gzip.compress(ROWS.encode() * 100)
    assert "cannot be read" in refusal(write("cut.csv.gz", whole[:-10]))
    assert "cannot be unpacked: Not a gzipped file" in refusal(write("not.csv.gz", ROWS))
    with pytest.raises(InputError, match=r"at most .* GiB are read"):
        from meta_noise.data.own.text_files import Encoding, open_text

        with open_text(write("large.csv.gz", gzip.compress(b"a" * 2000)), Encoding("utf-8"), most=1000):
            pass
