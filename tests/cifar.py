"""Small CIFAR-10 and CIFAR-100 folders in exactly the published layout, with labels of people, for tests."""

import pickle
import zipfile

import numpy as np

from meta_noise.data.noise.hierarchical import CIFAR100


def _batch(labels, seed, key="labels"):
    """Returns a batch; the first pixel values of an image show its class."""
    data = np.random.default_rng(seed).integers(0, 256, (len(labels), 3072)).astype(np.uint8)
    data[:, :64] = 2 * np.asarray(labels)[:, None]
    return {b"data": data, key.encode(): list(map(int, labels))}


def _write(path, content):
    path.write_bytes(pickle.dumps(content, protocol=2))


def _write_human(path, true, kinds):
    """Writes a file as `torch.save` does for a dictionary of NumPy arrays, a fifth of its labels wrong; returns it."""
    classes = int(true.max()) + 1
    human = {"clean_label": true}
    for shift, kind in enumerate(kinds, start=1):
        human[kind] = np.where(np.arange(len(true)) % 5 == shift % 5, (true + shift) % classes, true)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(human, protocol=2))
    return human


def write_cifar10(folder, rows=10, human=False):
    """Writes cifar-10-batches-py, `rows` in each of its six files, and maybe CIFAR-10_human.pt, which is returned."""
    home = folder / "cifar-10-batches-py"
    home.mkdir()
    labels = np.arange(5 * rows) % 10
    for number in range(5):
        _write(home / f"data_batch_{number + 1}", _batch(labels[number * rows : (number + 1) * rows], number))
    _write(home / "test_batch", _batch(np.arange(rows) % 10, 9))
    kinds = ("worse_label", "aggre_label", "random_label1", "random_label2", "random_label3")
    return _write_human(folder / "CIFAR-10_human.pt", labels, kinds) if human else None


def write_cifar100(folder, rows=200, human=False):
    """Writes cifar-100-python, `rows` to train, and maybe CIFAR-100_human.pt, which is returned."""
    home = folder / "cifar-100-python"
    home.mkdir()
    names = sorted(name for group in CIFAR100 for name in group)
    labels = np.arange(rows) % 100
    _write(home / "train", _batch(labels, 0, "fine_labels"))
    _write(home / "test", _batch(np.arange(100), 1, "fine_labels"))
    _write(home / "meta", {b"fine_label_names": [name.encode() for name in names]})
    return _write_human(folder / "CIFAR-100_human.pt", labels, ["noisy_label"]) if human else None
