"""ImageNet (ILSVRC 2012), as far as other sets need its images.

O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015, https://image-net.org.

    TREE/train/n01440764/NAME.JPEG                     training images, a folder for each synset
    TREE/val/n01440764/NAME.JPEG                       validation images sorted in the same way, or as they are shipped:
    TREE/val/ILSVRC2012_val_00000001.JPEG              all in one folder, and below TREE the development kit with
    TREE/.../data/ILSVRC2012_validation_ground_truth.txt    line = image, a number
    TREE/.../data/meta.mat                                  which number is which synset

A class always comes from a synset, by name; a number in the ground truth is that of the kit, and no class of any list.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

from meta_noise.data.images.plan import Row, lines_of, tree_of
from meta_noise.errors import DataNotFoundError, InputError

ADVICE = "Get ILSVRC 2012 from https://image-net.org and extract its images into `val` and `train`"
TRUTH = "ILSVRC2012_validation_ground_truth.txt"
KIT = "ILSVRC2012_devkit_t12.tar.gz"


def imagenet_tree(name: str, path: str, with_train: bool) -> Path:
    """Returns the folder of ImageNet's images, for data set `name`, after a look at what it has to hold."""
    return tree_of(name, path, ["val", "train"] if with_train else ["val"], ADVICE)


def images_by_synset(folder: Path, classes: Mapping[str, int], most: int = 0) -> list[Row]:
    """Returns the images in the folders of the synsets, sorted by name; the first `most` of each, or all.

    Args:
        folder: holds a folder for each synset.
        classes: synset -> class.
        most: images of each, 0 for all.

    Raises:
        InputError: a synset has fewer images than that, or none.
    """
    rows = []
    for synset, label in classes.items():
        files = sorted((folder / synset).glob("*.JPEG")) if (folder / synset).is_dir() else []
        if len(files) < max(most, 1):
            raise InputError(
                f"{folder / synset} holds {len(files)} images named *.JPEG and must hold {max(most, 1)} or more; sort "
                "ImageNet's images into a folder for each synset."
            )
        rows += [_row(file, label, f"{folder.name}/{synset}") for file in files[: most or None]]
    return rows


def validation_images(tree: Path, classes: Mapping[str, int]) -> list[Row]:
    """Returns the validation images of the synsets in `classes`, which says synset -> class."""
    if any((tree / "val" / synset).is_dir() for synset in classes):
        return images_by_synset(tree / "val", classes)
    files = sorted((tree / "val").glob("ILSVRC2012_val_*.JPEG"))
    synsets = _synsets_of_validation(tree)
    rows = []
    for file in files:
        number = file.stem.rpartition("_")[2]
        if not (number.isdecimal() and 1 <= int(number) <= len(synsets)):
            raise InputError(f"{file} has no line in {TRUTH}, which has {len(synsets):,}; get the kit again.")
        if (synset := synsets[int(number) - 1]) in classes:
            rows.append(_row(file, classes[synset], "val"))
    if lacking := classes.keys() - {synsets[int(Path(row.file).stem.rpartition("_")[2]) - 1] for row in rows}:
        raise InputError(f"{tree / 'val'} holds no image of synset {min(lacking)} ({len(lacking)} such synsets).")
    return rows


def _row(file: Path, label: int, where: str) -> Row:
    return Row(f"{where}/{file.name}", str(file), label, label, 1)


def _synsets_of_validation(tree: Path) -> list[str]:
    """Returns the synset of each validation image, by the development kit."""
    found = {name: sorted(tree.rglob(name)) for name in (TRUTH, "meta.mat")}
    for name, paths in found.items():
        if len(paths) != 1:
            raise DataNotFoundError(
                f"The images in {tree / 'val'} lie in no folders of synsets, and {tree} holds {len(paths)} files "
                f"{name} that would say which is which. Extract {KIT} into it, from https://image-net.org."
            )
    (truth,), (meta,) = found.values()
    synset_of = _numbers_of_synsets(meta)
    numbers = [line.strip() for line in lines_of(truth)]
    if unknown := [number for number in numbers if number not in synset_of]:
        raise InputError(f"{truth} has the number {unknown[0]!r:.20}, which {meta} does not know; get the kit again.")
    return [synset_of[number] for number in numbers]


def _numbers_of_synsets(path: Path) -> dict[str, str]:
    """Returns the synset of each number, as text, of a meta.mat."""
    try:
        synsets: Any = scipy.io.loadmat(path, squeeze_me=True)["synsets"]
        numbers, names = np.atleast_1d(synsets["ILSVRC2012_ID"]), np.atleast_1d(synsets["WNID"])
        return {str(int(number)): str(name) for number, name in zip(numbers, names, strict=True)}
    except Exception as error:  # of damaged files SciPy raises almost anything
        raise InputError(f"{path} is not the meta.mat of ImageNet's development kit ({error!s:.200}).") from error
