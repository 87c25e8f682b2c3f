import numpy as np
import pytest

from meta_noise.data.sources.cifar100 import cifar100
from meta_noise.errors import InputError


@pytest.fixture
def folder(tmp_path, pickled):
    def batch(fine):
        data = np.zeros((len(fine), 3072), np.uint8)
        return {b"data": data, b"fine_labels": fine, b"coarse_labels": [label // 2 for label in fine]}

    meta = {b"fine_label_names": [b"apple", b"pear", b"bear", b"fox"], b"coarse_label_names": [b"fruit", b"animal"]}
    for name, content in {"train": batch([0, 1, 2, 3]), "test": batch([3, 0]), "meta": meta}.items():
        (tmp_path / name).write_bytes(pickled(content))
    return tmp_path


def test_fine_and_coarse_labels(folder):
    fine = cifar100(str(folder), verify=False)
    assert fine.labels.tolist() == [0, 1, 2, 3] and fine.class_names == ("apple", "pear", "bear", "fox")
    assert fine.ids[0] == "cifar100-train-00000" and fine.inputs.shape == (4, 32, 32, 3)
    coarse = cifar100(str(folder), "test", labels="coarse", verify=False)
    assert coarse.labels.tolist() == [1, 0] and coarse.class_names == ("fruit", "animal")
    assert coarse.true_labels.tolist() == [1, 0]


def test_wrong_settings_and_files(folder, pickled):
    with pytest.raises(InputError, match="Did you mean 'coarse'"):
        cifar100(str(folder), labels="course")
    with pytest.raises(InputError, match="expected md5 16019d7e"):
        cifar100(str(folder))
    (folder / "meta").write_bytes(pickled({}))
    with pytest.raises(InputError, match="lacks the list of fine class names"):
        cifar100(str(folder), verify=False)
