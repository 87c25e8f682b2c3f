"""CIFAR-N labels in each published form, for images whose true labels they have to fit."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from meta_noise.data.formats.human_labels import CIFAR10N, CIFAR100N, human_labels
from meta_noise.data.formats.npz import read_npz
from meta_noise.errors import DataNotFoundError, InputError

TRUE = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3] * 1000, np.int32)
ORDER = np.random.default_rng(1).permutation(len(TRUE))


def labels(**shares):
    """Returns the dictionary in a file of CIFAR-10N labels, each kind with a share of wrong labels."""
    shares = {"aggre": 0.0903, "random1": 0.1723, "random2": 0.1812, "random3": 0.1764, "worst": 0.4021, **shares}
    content = {"clean_label": TRUE.astype(np.int64)}
    for number, (kind, share) in enumerate(shares.items()):
        wrong = np.random.default_rng(number).permutation(len(TRUE)) < round(share * len(TRUE))
        content[CIFAR10N[kind][0][0]] = np.where(wrong, (TRUE + 1 + number) % 10, TRUE).astype(np.int64)
    return content


def write_pt(path, content, member="CIFAR-10_human/data.pkl"):
    """Writes a file as `torch.save` does for a dictionary of NumPy arrays."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(member, pickle.dumps(content, protocol=2))
        archive.writestr(member + ".version", "3\n")
    return path


def write_npy(path, content):
    with path.open("wb") as file:
        np.save(file, np.array(content, dtype=object), allow_pickle=True)
    return path


def write_npz(path, content):
    np.savez(path, **content)
    return path


def read(file, kind="worst", true=TRUE, verify=True, kinds=CIFAR10N):
    return human_labels(file, file.with_name("image_order_c10.npy"), kinds, kind, true, verify)


@pytest.mark.parametrize("write, name", [(write_pt, "a.pt"), (write_npy, "a.npy"), (write_npz, "a.npz")])
@pytest.mark.parametrize("kind", CIFAR10N)
def test_every_form_and_kind(tmp_path, write, name, kind):
    given = read(write(tmp_path / name, labels()), kind)
    np.testing.assert_array_equal(given, labels()[CIFAR10N[kind][0][0]])
    assert given.dtype == np.int32


def test_the_order_of_tensorflow_datasets(tmp_path):
    file = write_npy(tmp_path / "ordered.npy", {name: values[ORDER] for name, values in labels().items()})
    with pytest.raises(DataNotFoundError, match=r"image_order_c10.npy, which would translate"):
        read(file)
    np.save(tmp_path / "image_order_c10.npy", ORDER)
    np.testing.assert_array_equal(read(file), labels()["worse_label"])
    for wrong, message in [
        (np.roll(ORDER, 1), "does not belong to these images"),
        (ORDER + 1, "is no order of 10000 rows"),
        (ORDER[:-1], "is no order of 10000 rows"),
        (ORDER / 2, "is no order of 10000 rows"),
    ]:
        np.save(tmp_path / "image_order_c10.npy", wrong)
        with pytest.raises(InputError, match=message):
            read(file)
    (tmp_path / "image_order_c10.npy").write_bytes(b"no array")
    with pytest.raises(InputError, match="is not an array that NumPy wrote"):
        read(file)


def test_other_images_are_noticed(tmp_path):
    file = write_pt(tmp_path / "a.pt", labels())
    np.save(tmp_path / "image_order_c10.npy", ORDER)
    for other in (np.roll(TRUE, 1), TRUE[:-1]):
        with pytest.raises(InputError, match=r"does not belong to these images|is no order"):
            read(file, true=other)


def test_the_share_of_wrong_labels_is_known(tmp_path):
    file = write_pt(tmp_path / "a.pt", labels(worst=0.35))
    with pytest.raises(InputError, match=r"35.00% of the labels 'worst' .* published are 40.21%"):
        read(file)
    assert np.mean(read(file, verify=False) != TRUE) == 0.35
    assert read(file, "aggre").shape == TRUE.shape  # others are as published


@pytest.mark.parametrize("name", ["noisy_label", "noise_label"])
def test_both_names_of_cifar100n(tmp_path, name):
    true = np.arange(10_000) % 100
    noisy = np.where(np.arange(10_000) < 4020, (true + 1) % 100, true)
    file = write_pt(tmp_path / "a.pt", {"clean_label": true, name: noisy})
    np.testing.assert_array_equal(read(file, "noisy", true, kinds=CIFAR100N), noisy)


class Malicious:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return io.open, (self.path, "w")


@pytest.mark.parametrize("write, name", [(write_pt, "a.pt"), (write_npy, "a.npy")])
def test_nothing_is_executed(tmp_path, write, name):
    file = write(tmp_path / name, {**labels(), "worse_label": Malicious(tmp_path / "made")})
    with pytest.raises(InputError, match=r"is refused: it asks for _?io.open, .*nothing was run"):
        read(file)
    assert not (tmp_path / "made").exists()


def test_bad_files_get_one_sentence(tmp_path):
    whole = write_pt(tmp_path / "whole.pt", labels()).read_bytes()
    (tmp_path / "cut.pt").write_bytes(whole[: len(whole) // 2])
    whole = write_npy(tmp_path / "whole.npy", labels()).read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "none.npy").write_bytes(b"no array")
    np.save(tmp_path / "plain.npy", TRUE)
    write_pt(tmp_path / "other.pt", labels(), "a/b.pkl")
    write_pt(tmp_path / "list.pt", [1, 2])
    write_pt(tmp_path / "short.pt", {**labels(), "worse_label": TRUE[:-1]})
    write_pt(tmp_path / "text.pt", {**labels(), "worse_label": [1.5] * len(TRUE)})
    write_npz(tmp_path / "lacking.npz", {"clean": TRUE})
    (tmp_path / "none.npz").write_bytes(b"no archive")
    for name, message in {
        "cut.pt": "not a whole zip archive of PyTorch",
        "cut.npy": "not a whole pickle",
        "none.npy": "not an array that NumPy wrote",
        "plain.npy": r"holds int32 of shape \(10000,\); the published file holds a dictionary",
        "other.pt": "holds 0 files data.pkl",
        "list.pt": "holds a list",
        "short.pt": "has 10000 true labels and 9999 of people",
        "text.pt": r"worse_label must be \[N\] integers",
        "lacking.npz": "lacks worse_label or worst; it holds clean",
        "none.npz": "cannot be read as a file of CIFAR-N labels",
        "a.txt": "does not exist",
    }.items():
        with pytest.raises((InputError, DataNotFoundError), match=message) as caught:
            read(tmp_path / name)
        assert "\n" not in str(caught.value)
    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError, match=r"end in .pt, .npy or .npz"):
        read(tmp_path / "a.txt")


def test_the_real_labels_in_all_forms(real_data, tmp_path):
    folder = real_data("cifar10")
    true = read_npz(folder / "index.npz", ["train_labels"], "index")["train_labels"].astype(np.int32)
    kinds = ("clean", *CIFAR10N, "tfds_order")
    real = read_npz(folder / "cifar10n.npz", kinds, "labels")
    order = real.pop("tfds_order").astype(np.int64)
    renamed = {"clean_label": real["clean"]} | {names[0]: real[kind] for kind, (names, _) in CIFAR10N.items()}
    pt = write_pt(tmp_path / "CIFAR-10_human.pt", renamed)
    npy = write_npy(tmp_path / "ordered.npy", {name: values[order] for name, values in renamed.items()})
    np.save(tmp_path / "image_order_c10.npy", order)
    for kind in CIFAR10N:
        for file in (folder / "cifar10n.npz", pt, npy):
            np.testing.assert_array_equal(read(file, kind, true), real[kind])
