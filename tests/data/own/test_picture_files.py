import os

import numpy as np
import pytest

from meta_noise.data.own import read


@pytest.fixture
def table(write, pixels, packed):
    """Returns `table(*paths) -> path`: a CSV with four good rows and rows for these paths."""
    arrays = [pixels() for _ in range(4)]
    for row, array in enumerate(arrays):
        write(f"data/pictures/{row}.png", packed(array))
    write("secret.png", packed(pixels()))

    def make(*paths):
        rows = [f"pictures/{row}.png,{'ab'[row % 2]}" for row in range(4)] + [f"{path},a" for path in paths]
        return write("data/a.csv", "path,label\n" + "\n".join(rows) + "\n")

    make.arrays = arrays
    return make


def test_paths_begin_in_the_folder_of_the_file(table, tmp_path):
    own = read(table())
    assert np.array_equal(own.source.inputs, table.arrays) and own.source.ids[0] == "pictures/0.png"
    moved = table().rename(tmp_path / "elsewhere.csv")
    assert np.array_equal(read(moved, folder=tmp_path / "data").source.inputs, table.arrays)


def test_frames_begin_in_the_current_folder(table, tmp_path, monkeypatch):
    table()
    frame = {"image": [f"pictures/{row}.png" for row in range(4)], "label": list("abab")}
    monkeypatch.chdir(tmp_path / "data")
    assert np.array_equal(read(frame).source.inputs, table.arrays)


def test_other_ways_to_write_a_path_inside(table, tmp_path):
    own = read(table(r"pictures\1.png", "pictures/../pictures/2.png", tmp_path / "data" / "pictures" / "3.png"))
    assert np.array_equal(own.source.inputs[4:], table.arrays[1:])


@pytest.mark.parametrize(
    "path, said",
    [
        ("../secret.png", "leaves the data folder"),
        ("pictures/../../secret.png", "leaves the data folder"),
        ("/etc/hostname", "leaves the data folder"),
        (r"..\secret.png", "leaves the data folder"),
        ("pictures/link.png", "leaves the data folder"),
        ("pictures/way/secret.png", "leaves the data folder"),
        ("pictures/9.png", "does not exist in"),
        ("pictures", "does not exist in"),
        ("pictures/pipe.png", "does not exist in"),
        ("pictures/circle.png", "image path 'pictures/circle.png'"),
        ("p" * 5000, "image path 'ppp"),
        ("", "there is no image"),
    ],
)
def test_bad_paths(table, tmp_path, refusal, path, said):
    data = table(path)
    os.symlink(tmp_path / "secret.png", data.parent / "pictures" / "link.png")
    os.symlink(tmp_path, data.parent / "pictures" / "way")
    os.symlink("circle.png", data.parent / "pictures" / "circle.png")
    os.mkfifo(data.parent / "pictures" / "pipe.png")
    assert "a.csv, line 6 (id " in refusal(data) and said in refusal(data)
    own = read(data, skip_bad=True)
    assert len(own.source.ids) == 4 and [each.row for each in own.skipped] == [6]


def test_a_folder_that_is_not_there(table, tmp_path, refusal):
    assert "The folder of images" in refusal(table(), folder=tmp_path / "nowhere")
