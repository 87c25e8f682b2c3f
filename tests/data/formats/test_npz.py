import numpy as np
import pytest

from meta_noise.data.formats.npz import read_npz, write_npz
from meta_noise.errors import DataNotFoundError, InputError


def test_arrays_come_back(tmp_path):
    write_npz(tmp_path / "a.npz", numbers=np.arange(3), word=np.asarray("noise"))
    stored = read_npz(tmp_path / "a.npz", ("word", "numbers"), "test file")
    assert list(stored) == ["word", "numbers"]
    assert stored["numbers"].tolist() == [0, 1, 2] and str(stored["word"]) == "noise"


def test_objects_are_neither_written_nor_read(tmp_path):
    objects = np.array([{}], dtype=object)
    with pytest.raises(InputError, match="objects"):
        write_npz(tmp_path / "a.npz", bad=objects)
    np.savez(tmp_path / "b.npz", bad=objects)
    with pytest.raises(InputError, match="cannot be read as a test file"):
        read_npz(tmp_path / "b.npz", ("bad",), "test file")


def test_wrong_files_are_named(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"nowhere.npz does not exist"):
        read_npz(tmp_path / "nowhere.npz", (), "test file")
    write_npz(tmp_path / "a.npz", numbers=np.arange(30))
    with pytest.raises(InputError, match="lacks letters"):
        read_npz(tmp_path / "a.npz", ("letters",), "test file")
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("not an archive")
    np.save(tmp_path / "single.npy", np.arange(3))
    for name in ("cut.npz", "text.npz", "single.npy"):
        with pytest.raises(InputError, match="cannot be read"):
            read_npz(tmp_path / name, ("numbers",), "test file")
