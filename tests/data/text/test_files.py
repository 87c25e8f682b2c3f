import gzip

import numpy as np
import pytest

from meta_noise.data.text.files import class_names_to_numbers, class_numbers, find, open_text, read_columns, read_rows
from meta_noise.errors import DataNotFoundError, InputError


def test_find_takes_packed_files_and_other_names(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"does not hold one.csv or two.csv of data set toy. Get it there"):
        find("toy", tmp_path, "Get it there", "one.csv", "two.csv")
    (tmp_path / "two.csv").touch()
    assert find("toy", tmp_path, "", "one.csv", "two.csv").name == "two.csv"
    (tmp_path / "one.csv.gz").touch()
    assert find("toy", tmp_path, "", "one.csv", "two.csv").name == "one.csv.gz"
    with pytest.raises(InputError, match=r"two.csv is not a folder; unpack it"):
        find("toy", tmp_path / "two.csv", "", "one.csv")


def test_quotes_breaks_and_packing(tmp_path):
    text = '"1","He said ""no""\nand left, ü"\n"2",""\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    expected = [["1", 'He said "no"\nand left, ü'], ["2", ""]]
    assert list(read_rows(tmp_path / "a.csv")) == list(read_rows(tmp_path / "a.csv.gz")) == expected
    (tmp_path / "b.tsv").write_text('a "quote\t1\n')
    assert list(read_rows(tmp_path / "b.tsv", "\t", quotes=False)) == [['a "quote', "1"]]


def test_damaged_files_say_what_is_wrong(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"1","cut o')
    with pytest.raises(InputError, match=r"a.csv, line 1: .*cut off or damaged"):
        list(read_rows(path))
    path.write_bytes("1,é\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        list(read_rows(path))
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(b"1,2\n" * 1000)[:-12])
    with pytest.raises(InputError, match="cannot be read"):
        list(read_rows(packed))
    with pytest.raises(InputError, match="cannot be read"), open_text(tmp_path / "nowhere"):
        pass


def test_columns_by_any_of_their_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("gt,text\n1,one\n0,two\n")
    assert read_columns(path, {"truth": ("true_label", "gt")}) == {"truth": ["1", "0"]}
    with pytest.raises(InputError, match="no column label or y; its header is gt, text"):
        read_columns(path, {"label": ("label", "y")})
    path.write_text("gt,text\n1,one\n0\n")
    with pytest.raises(InputError, match="row 1 has 1 cells, its header 2"):
        read_columns(path, {"truth": ("gt",)})
    path.write_text("")
    with pytest.raises(InputError, match="no column gt"):
        read_columns(path, {"truth": ("gt",)})


def test_classes():
    np.testing.assert_array_equal(class_numbers(["3", "1"], 1, 3, "x"), [2, 0])
    assert class_numbers(["1"], 1, 3, "x").dtype == np.int32
    with pytest.raises(InputError, match="x: row 1 has the class '0'; classes are 1 to 3"):
        class_numbers(["3", "0"], 1, 3, "x")
    np.testing.assert_array_equal(class_names_to_numbers(["b", "a"], ("a", "b"), "x"), [1, 0])
    with pytest.raises(InputError, match=r"Unknown class in x: 'politcs'. Did you mean 'politics'"):
        class_names_to_numbers(["politcs"], ("politics", "sport"), "x")
