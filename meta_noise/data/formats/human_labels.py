"""CIFAR-10N and CIFAR-100N: the labels that people gave to the training images, from each published form.

J. Wei, Z. Zhu, H. Cheng, T. Liu, G. Niu, Y. Liu, "Learning with Noisy Labels Revisited: A Study Using Real-World Human
Annotations", ICLR 2022, https://arxiv.org/abs/2110.12088, https://github.com/UCSC-REAL/cifar-10-100n. The forms are

    CIFAR-10_human.pt             a zip archive that PyTorch wrote, with a pickle of NumPy arrays in it
    CIFAR-10_human_ordered.npy    a pickled dictionary, in the order of tensorflow_datasets; image_order_c10.npy says
                                  for each of its entries which image of the original order it belongs to
    *.npz                         plain arrays

Nothing in them is executed. All hold the true labels too, which have to be those of the images: labels in another order
than the images are found out by that, and by the share of wrong labels, which is known.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.corruption import check_labels
from meta_noise.data.formats import restricted_pickle
from meta_noise.data.formats.npz import read_npz
from meta_noise.errors import DataNotFoundError, InputError, unknown_name

Kinds = Mapping[str, tuple[tuple[str, ...], float]]
CIFAR10N: Kinds = {  # kind of labels: (its names in the files, share of wrong labels as published)
    "aggre": (("aggre_label", "aggre"), 0.0903),
    "random1": (("random_label1", "random1"), 0.1723),
    "random2": (("random_label2", "random2"), 0.1812),
    "random3": (("random_label3", "random3"), 0.1764),
    "worst": (("worse_label", "worst"), 0.4021),
}
CIFAR100N: Kinds = {"noisy": (("noisy_label", "noise_label", "noisy"), 0.4020)}
TRUE = ("clean_label", "clean")
NEAR = 0.0005  # the file of "aggre" has 9.01%, its paper 9.03%


def human_labels(file: Path, order: Path, kinds: Kinds, kind: str, true: np.ndarray, verify: bool) -> np.ndarray:
    """Returns the labels [N] int32 that people gave, in the order of the images.

    Args:
        file: one of the published files; its ending says which.
        order: the file that translates from the order of tensorflow_datasets; looked at only where the true labels in
            `file` are in another order than those of the images.
        kinds: `CIFAR10N` or `CIFAR100N`.
        kind: one of their keys.
        true: [N] true labels of the images.
        verify: compare the share of wrong labels with the published one.

    Raises:
        InputError: a file is damaged, or does not belong to these images.
        DataNotFoundError: a file that is needed is not there.
    """
    spellings, published = kinds[kind]
    content = _read(file, (*TRUE, *(spelling for names, _ in kinds.values() for spelling in names)))
    num_classes = int(true.max()) + 1
    clean = _labels(content, TRUE, num_classes, file)
    given = _labels(content, spellings, num_classes, file)
    if len(clean) != len(given):
        raise InputError(f"{file} has {len(clean)} true labels and {len(given)} of people; it is damaged.")
    if not np.array_equal(clean, true):
        places = _order(order, file, len(true))
        if len(given) != len(true) or not np.array_equal(clean, true[places]):
            raise InputError(
                f"{file} does not belong to these images: its true labels are not theirs, in the original order or in "
                f"that of {order.name}. Take both from the same release."
            )
        given = given[np.argsort(places)]
    share = float(np.mean(given != true))
    if verify and abs(share - published) > NEAR:
        raise InputError(
            f"{share:.2%} of the labels {kind!r} in {file} are wrong; published are {published:.2%}. The file is "
            "damaged or another version: get it again, or pass verify=False to use it as it is."
        )
    return given


def check_kind(kind: str, kinds: Kinds, name: str) -> str:
    """Returns `kind`, or raises InputError unless it is "clean" or one of `kinds`; `name` is that of the images."""
    if kind not in ("clean", *kinds):
        raise unknown_name(f"kind of {name} labels", str(kind), ("clean", *kinds))
    return kind


def find_labels(path: Path, names: tuple[str, ...], advice: str) -> Path:
    """Returns the first of the files `names` in the folder `path`, or beside the file; `advice` says how to get one."""
    folder = path if path.is_dir() else path.parent
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise DataNotFoundError(f"The folder {folder} does not hold {' or '.join(names)}. {advice}.")


def _read(file: Path, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Returns the arrays in a file by name; of an .npz those that are wanted."""
    if not file.is_file():
        raise DataNotFoundError(f"{file} does not exist; give file= the path of a file of CIFAR-N labels.")
    if file.suffix == ".npz":
        return read_npz(file, (), "file of CIFAR-N labels", wanted)
    if file.suffix not in (".pt", ".npy"):
        raise InputError(f"{file} is no file of CIFAR-N labels by its ending; they end in .pt, .npy or .npz.")
    content = restricted_pickle.loads(_from_zip(file) if file.suffix == ".pt" else _from_npy(file), file)
    if not isinstance(content, dict):
        raise InputError(f"{file} holds a {type(content).__name__}; the published file holds a dictionary of arrays.")
    return {key.decode() if isinstance(key, bytes) else str(key): value for key, value in content.items()}


def _from_zip(file: Path) -> bytes:
    """Returns the pickle in the archive that `torch.save` writes."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [name for name in archive.namelist() if name.rpartition("/")[2] == "data.pkl"]
            if len(members) != 1:
                raise InputError(f"{file} holds {len(members)} files data.pkl; PyTorch writes one. Get it again.")
            return archive.read(members[0])
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
        raise InputError(f"{file} is not a whole zip archive of PyTorch: {error}. Get it again.") from error


def _from_npy(file: Path) -> bytes:
    """Returns the pickle behind the header of an array file that holds one Python object."""
    stream = io.BytesIO(file.read_bytes())
    try:
        major, _ = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except ValueError as error:
        raise InputError(f"{file} is not an array that NumPy wrote: {error}. Get it again.") from error
    if shape != () or not dtype.hasobject:
        raise InputError(f"{file} holds {dtype} of shape {shape}; the published file holds a dictionary of arrays.")
    return stream.read()


def _labels(content: dict[str, Any], names: tuple[str, ...], num_classes: int, file: Path) -> np.ndarray:
    name = next((name for name in names if name in content), None)
    if name is None:
        raise InputError(f"{file} lacks {' or '.join(names)}; it holds {', '.join(sorted(content)) or 'nothing'}.")
    return check_labels(np.asarray(content[name]), num_classes, f"{file}: {name}")


def _order(order: Path, file: Path, count: int) -> np.ndarray:
    """Returns [N] the row of the original order that each entry of a file in the other order belongs to."""
    if not order.is_file():
        raise DataNotFoundError(
            f"The true labels in {file} are not those of the images in the original order, and {order}, which would "
            "translate from the order of tensorflow_datasets, does not exist; put it beside that file."
        )
    try:
        places = np.load(order, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{order} is not an array that NumPy wrote: {error}. Get it again.") from error
    if places.dtype.kind not in "iu" or not np.array_equal(np.sort(places, axis=None), np.arange(count)):
        raise InputError(f"{order} is no order of {count} rows: every number from 0 on has to occur once.")
    return places
