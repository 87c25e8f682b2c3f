import numpy as np
import pytest

from meta_noise.data.corruption import save_noise
from meta_noise.data.noise.from_file import from_file
from meta_noise.errors import DataNotFoundError, InputError

IDS = np.array(["a", "b", "c"])
TRUE = np.array([0, 1, 1])


@pytest.fixture
def table(tmp_path):
    def write(text):
        (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
        return tmp_path / "labels.csv"

    return write


@pytest.fixture
def noise(tmp_path):
    transition = np.array([[0.9, 0.1], [0.5, 0.5]])
    save_noise(tmp_path / "noise.npz", IDS, np.array([0, 0, 1]), TRUE, transition, "own", 0.3)
    return tmp_path / "noise.npz"


def test_a_noise_file_is_matched_by_id(rng, noise):
    noisy = from_file(rng, TRUE[::-1], 2, file=noise, ids=IDS[::-1])
    assert noisy.labels.tolist() == [1, 0, 0]
    np.testing.assert_array_equal(noisy.transition, [[0.9, 0.1], [0.5, 0.5]])


def test_a_set_with_its_own_noise_finds_its_labels_again(rng, noise, tmp_path):
    assert from_file(rng, np.array([0, 0, 1]), 2, file=noise, ids=IDS).labels.tolist() == [0, 0, 1]
    save_noise(tmp_path / "unknown.npz", IDS, np.array([0, 0, 1]), None, np.eye(2), "none", 0)
    assert from_file(rng, TRUE, 2, file=tmp_path / "unknown.npz", ids=IDS).labels.tolist() == [0, 0, 1]


def test_a_table_is_matched_by_id_and_counted(rng, table):
    noisy = from_file(rng, TRUE, 3, file=table("label,id,note\n0,c,x\n1,b,\n2,a,\n0,z,\n"), ids=IDS)
    assert noisy.labels.tolist() == [2, 1, 0] and noisy.labels.dtype == np.int32
    np.testing.assert_array_equal(noisy.transition, [[0, 0, 1], [0.5, 0.5, 0], [0, 0, 1]])


def test_a_table_may_hold_class_names(rng, table):
    file = table("\ufeffid,label\na,dog\nb,cat\nc, 0 \n")
    assert from_file(rng, TRUE, 2, file=file, ids=IDS, class_names=("cat", "dog")).labels.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "text, message",
    [
        ("id,label\na,0\nb,1\n", "lacks 1 of 3 ids: 'c'"),
        ("id,label\na,0\nb,2\nc,1\n", r"line 3: unknown class '2'; give 0\.\.1"),
        ("id,label\na,0\nb,bird\nc,1\n", "line 3: unknown class 'bird'; give .* one of cat, dog"),
        ("id,label\na\n", "line 2: unknown class ''"),
        ("id,label\n,1\n", "line 2: the id is missing"),
        ("id,label\na,0\na,1\nb,0\nc,0\n", "'a' occurs in rows 0 and 1"),
        ("a,0\nb,1\nc,1\n", "first line must name id and label"),
        ("", "first line must name id and label"),
    ],
)
def test_wrong_tables_say_where(rng, table, text, message):
    with pytest.raises(InputError, match=message):
        from_file(rng, TRUE, 2, file=table(text), ids=IDS, class_names=("cat", "dog"))


def test_files_of_other_data_are_refused(rng, noise):
    with pytest.raises(InputError, match="has 2 classes; the data set has 3"):
        from_file(rng, TRUE, 3, file=noise, ids=IDS)
    with pytest.raises(InputError, match="id 'c' was class 1 there and is 0 here"):
        from_file(rng, np.array([0, 1, 0]), 2, file=noise, ids=IDS)
    with pytest.raises(InputError, match="lacks 1 of 3 ids"):
        from_file(rng, TRUE, 2, file=noise, ids=np.array(["a", "b", "x"]))


def test_what_is_missing_is_named(rng, tmp_path, noise):
    with pytest.raises(InputError, match="needs the id of each of the 3 rows"):
        from_file(rng, TRUE, 2, file=noise)
    with pytest.raises(InputError, match=r"reads .npz .*, .csv .* or .npy .*; got file='labels.json'"):
        from_file(rng, TRUE, 2, file="labels.json", ids=IDS)
    with pytest.raises(DataNotFoundError, match=r"gone.csv does not exist"):
        from_file(rng, TRUE, 2, file=tmp_path / "gone.csv", ids=IDS)
    (tmp_path / "latin.csv").write_bytes("id,label\nä,0\n".encode("latin1"))
    with pytest.raises(InputError, match="not UTF-8"):
        from_file(rng, TRUE, 2, file=tmp_path / "latin.csv", ids=IDS)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, ">i2"])
def test_an_array_is_matched_by_position(rng, tmp_path, dtype):
    np.save(tmp_path / "labels.npy", np.array([1, 0, 1], dtype))
    noisy = from_file(rng, TRUE, 2, file=tmp_path / "labels.npy")
    assert noisy.labels.tolist() == [1, 0, 1] and noisy.labels.dtype == np.int32
    np.testing.assert_array_equal(noisy.transition, [[0, 1], [0.5, 0.5]])


@pytest.mark.parametrize(
    "array, message",
    [
        (np.array([0, 1]), "2 labels and the data set 3 rows; an array is matched by position"),
        (np.array([0, 1, 2]), r"labels\[2\] is 2; classes are 0\.\.1"),
        (np.array([0.0, 1.0, 1.0]), "must be .* integers; got .* float64"),
        (np.array([[0], [1], [1]]), r"got shape \(3, 1\)"),
        (np.array([0, 1, None]), "is not an array that NumPy wrote .* save the classes with numpy.save"),
    ],
)
def test_wrong_arrays_say_what_is_wrong(rng, tmp_path, array, message):
    np.save(tmp_path / "labels.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=message):
        from_file(rng, TRUE, 2, file=tmp_path / "labels.npy", ids=IDS)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip archive", b"\x80\x02 a pickle", b"\x93NUMPY\x01\x00"])
def test_files_that_only_look_like_arrays_are_refused(rng, tmp_path, content):
    (tmp_path / "labels.npy").write_bytes(content)
    with pytest.raises(InputError, match="is not an array that NumPy wrote"):
        from_file(rng, TRUE, 2, file=tmp_path / "labels.npy", ids=IDS)
