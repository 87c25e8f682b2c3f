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


@pytest.fixture
def folder(tmp_path, write, pixels, packed):
    """Returns `folder(*names) -> path, arrays`: a folder with a PNG under each of the names."""

    def make(*names):
        arrays = [pixels() for _ in names]
        for name, array in zip(names, arrays, strict=True):
            write(f"pets/{name}", packed(array))
        return tmp_path / "pets", arrays

    return make


def test_a_folder_is_a_class(folder, write):
    path, arrays = folder("cat/1.png", "cat/deep/er.PNG", "dog/1.png", "dog/2.png")
    write("pets/readme.txt", "not here")
    write("pets/cat/notes.txt", "nor here")
    write("pets/dog/notes.txt", "nor here")
    write("pets/loose.png", "nor here")
    write("pets/.hidden/1.png", "nor here")
    own = read(path)
    assert own.kind == "images" and np.array_equal(own.source.inputs, arrays)
    assert "Images left out, as they lie in no class folder: 1." in own.notes
    assert own.class_names == ("cat", "dog") and own.source.labels.tolist() == [0, 0, 1, 1]
    assert own.source.ids.tolist() == ["cat/1.png", "cat/deep/er.PNG", "dog/1.png", "dog/2.png"]
    assert "Files left out, as their ending is not that of an image: 2." in own.notes


def test_folders_for_splits(folder):
    path, arrays = folder(
        "train/a/1.png", "train/a/2.png", "train/b/1.png", "train/b/2.png", "val/a/1.png", "test/b/1.png"
    )
    own = read(path)
    assert own.source.ids[0] == "train/a/1.png" and len(own.source.ids) == 4
    assert own.test.ids.tolist() == ["test/b/1.png", "val/a/1.png"] and own.test.labels.tolist() == [1, 0]
    assert np.array_equal(own.test.inputs, [arrays[5], arrays[4]])


def test_links_do_not_leave_the_folder(folder, write, refusal, packed, pixels):
    path, _ = folder("a/1.png", "a/2.png", "b/1.png", "b/2.png")
    outside = write("outside/1.png", packed(pixels()))
    os.symlink(outside, path / "a" / "link.png")
    os.symlink(outside.parent, path / "c")
    assert "(id 'a/link.png'): image path 'a/link.png' leaves the data folder" in refusal(path)
    own = read(path, skip_bad=True)
    assert own.class_names == ("a", "b") and len(own.source.ids) == 4
    (path / "a" / "link.png").unlink()
    os.symlink(path / "b" / "1.png", path / "a" / "inside.png")
    assert len(read(path).source.ids) == 5


def test_bad_folders(tmp_path, folder, write, refusal):
    (tmp_path / "empty").mkdir()
    assert "holds no folder with images" in refusal(tmp_path / "empty")
    path, _ = folder("images/1.png", "images/2.png")
    assert "only one class, 'images'" in refusal(path)
    write("pets/table.csv", "file,label\n")
    assert "To use the table in it, give" in refusal(path)


def test_damaged_images_are_named(folder, write, refusal):
    path, _ = folder("a/1.png", "a/2.png", "b/1.png", "b/2.png")
    write("pets/b/3.png", (path / "b" / "1.png").read_bytes()[:100])
    write("pets/b/4.jpg", "no image")
    assert "pets, row 4 (id 'b/3.png'): the image cannot be read" in refusal(path)
    own = read(path, skip_bad=True)
    assert [each.id for each in own.skipped] == ["b/3.png", "b/4.jpg"] and len(own.source.ids) == 4
    assert "it is no JPEG, PNG" in own.skipped[1].reason


def test_folders_named_like_a_missing_value_are_classes(write, pixels, packed, tmp_path):
    for row in range(4):
        write(f"data/{'none' if row % 2 else 'some'}/{row}.png", packed(pixels()))
    assert read(tmp_path / "data").class_names == ("none", "some")
