import numpy as np
import pyarrow as pa
import pytest

from meta_noise.data.own import read
from meta_noise.data.own.frames import frame_table
from meta_noise.errors import DataNotFoundError, InputError

WORDS = [f"words and words {row}" for row in range(6)]
LABELS = list("ababab")


class Frame:
    """What is used of a pandas frame."""

    def __init__(self, columns, index=None):
        self.content = columns
        self.columns = list(columns)
        self.index = np.arange(len(self)) if index is None else index
        self.iloc = self

    def __getitem__(self, key):
        return self.content[self.columns[key[1]]]

    def __len__(self):
        return len(next(iter(self.content.values())))


@pytest.mark.parametrize("make", [dict, pa.table, Frame])
def test_frames(make):
    own = read(make({"text": WORDS, "label": LABELS}))
    assert own.texts == WORDS and own.class_names == ("a", "b")
    assert own.source.ids[0].endswith("-00000") and own.source.name in ("frame", "dictionary")


def test_index_is_the_id_unless_it_only_counts():
    named = read(Frame({"text": WORDS, "label": LABELS}, index=np.array(list("uvwxyz"))))
    assert named.source.ids.tolist() == list("uvwxyz")
    repeated = read(Frame({"text": WORDS, "label": LABELS}, index=np.array([1, 1, 2, 3, 4, 5])))
    assert repeated.source.ids[0] == "frame-00000"


def test_columns_of_several_types():
    table = frame_table(Frame({"label": np.array(["a", 1, np.float32(2), None], object)}))
    assert table.columns["label"] == ["a", 1, 2.0, None]


def test_arrays_with_several_axes_are_the_inputs(rng):
    vectors = rng.normal(size=(6, 3))
    own = read({"x": vectors, "y": np.array([[1], [2], [1], [2], [1], [2]])})
    assert own.kind == "features" and np.array_equal(own.source.inputs, vectors.astype(np.float32))
    assert own.class_names == ("1", "2")
    images = rng.integers(0, 256, (6, 4, 5), dtype=np.uint8)
    own = read({"pictures": images, "label": np.array(LABELS, "S1")})
    assert (
        own.kind == "images" and np.array_equal(own.source.inputs, images[..., None]) and own.class_names == ("a", "b")
    )


def test_npz(tmp_path, rng):
    x, y = rng.normal(size=(6, 3)), np.array([0, 1, 0, 1, 0, 1])
    np.savez(tmp_path / "a.npz", inputs=x, labels=y, trusted=y == 1, class_names=np.array(["no", "yes"]))
    own = read(tmp_path / "a.npz")
    assert own.class_names == ("no", "yes") and own.source.trusted.tolist() == [False, True] * 3
    np.savez(tmp_path / "b.npz", x_train=x, y_train=y, x_test=x[:2] + 1, y_test=y[:2])
    own = read(tmp_path / "b.npz")
    assert own.source.inputs.shape == (6, 3) and np.allclose(own.test.inputs, x[:2] + 1)


def test_npy(tmp_path, rng):
    x = rng.normal(size=(6, 3))
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(DataNotFoundError, match=r"labels\.npy or .*y\.npy with the labels does not exist"):
        read(tmp_path / "x.npy")
    np.save(tmp_path / "y.npy", np.array(LABELS))
    np.save(tmp_path / "other.npy", np.array(LABELS[::-1]))
    assert read(tmp_path / "x.npy").source.labels.tolist() == [0, 1] * 3
    assert read(tmp_path / "x.npy", label=str(tmp_path / "other.npy")).source.labels.tolist() == [1, 0] * 3


def test_images_of_floats_and_channels_first(rng):
    images = rng.integers(0, 256, (6, 3, 4, 5), dtype=np.uint8)
    own = read({"x": images / 255, "y": LABELS})
    assert own.source.inputs.dtype == np.uint8 and np.array_equal(own.source.inputs, np.moveaxis(images, 1, -1))
    assert any("channels were put last" in note for note in own.notes)


@pytest.mark.parametrize(
    "frame, said",
    [
        (3, "type int cannot be read"),
        ({}, "holds no rows"),
        ({"text": [], "label": []}, "holds no rows"),
        ({"text": WORDS, "label": LABELS[:5]}, "columns must be equally long, got text 6, label 5"),
        ({"text": WORDS, "label": "a"}, "'label' is 'a', not a column"),
        ({"x": np.zeros((6, 2)), "y": np.eye(6)}, "take the argmax"),
        ({"x": np.zeros((6, 2), complex), "y": LABELS}, "complex128"),
        ({"x": np.zeros((6, 2, 2, 2)), "y": LABELS}, "1 or 3 channels"),
        ({"x": np.full((6, 2, 2), 9.0), "y": LABELS}, "floats outside 0..1"),
        ({"x": np.full((6, 2, 2), 9), "y": LABELS}, "int64"),
        ({"x": np.array([[0.0, np.nan]] + [[0.0, 1.0]] * 5), "y": LABELS}, "row 0 .*holds a NaN"),
        ({"x": np.zeros((6, 4, 4), np.uint8), "y": LABELS}, "come as an array"),
    ],
)
def test_bad_frames(frame, said):
    with pytest.raises(InputError, match=said):
        read(frame, image_size=3)


def test_nothing_is_unpickled(tmp_path, refusal):
    objects = np.array([{}] * 6, object)
    np.savez(tmp_path / "a.npz", x=objects, y=np.arange(6))
    np.save(tmp_path / "x.npy", objects)
    np.save(tmp_path / "y.npy", np.arange(6))
    assert "cannot be read as .npz without objects" in refusal(tmp_path / "a.npz")
    assert "cannot be read as .npy without objects" in refusal(tmp_path / "x.npy")
    (tmp_path / "a.pkl").write_bytes(b"")
    assert "may run any code" in refusal(tmp_path / "a.pkl")
