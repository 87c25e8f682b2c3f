"""Controlled noisy web labels: mini-ImageNet with a known share of wrong labels, red (web images) and blue (flips).

L. Jiang, D. Huang, M. Liu, W. Yang, "Beyond Synthetic Noise: Deep Learning on Controlled Noisy Labels", ICML 2020,
https://google.github.io/controlled-noisy-web-labels.

    TREE/.../split/red_noise_nl_0.4, blue_noise_nl_0.4, clean_validation      NAME.jpg CLASS
    TREE/.../class_name.txt                                                   line = class
    TREE/anywhere/NAME.jpg                                                    the images, of any size

A name that begins with n and a synset is an image of mini-ImageNet, any other one was found in the web. Images are
found by their name wherever they lie below TREE; a name that occurs twice there is refused. In the red sets the web
images are those with a wrong label, in the blue ones the label differs from the class of the synset. The share of
wrong labels must be within two points of the rate in the name of the list.

`cnwl_plan` says what is to be prepared by `meta-noise prepare cnwl`, `cnwl` reads what was prepared.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.plan import UNKNOWN, Plan, Row, check_functional, lines_of, pairs_of, tree_of
from meta_noise.data.images.prepared import Place, read_part
from meta_noise.data.source import Source
from meta_noise.errors import DataNotFoundError, InputError, unknown_name

MEAN, STD = (0.507, 0.487, 0.441), (0.267, 0.256, 0.276)  # of FaMUS's code
CLASSES = 100
RATES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
COLOURS = ("red", "blue")
ADVICE = (
    "Get dataset_no_images.zip, the web images and mini-ImageNet by way of "
    "https://google.github.io/controlled-noisy-web-labels and extract all into one folder"
)
ENDINGS = (".jpg", ".jpeg")
TOLERANCE = 0.02


def cnwl(
    path: str = "",
    part: str = "train",
    colour: str = "red",
    rate: float = 0.4,
    size: int = 32,
    resize: int = 32,
    crop: str = "middle",
    keep: bool = True,
    mean: Sequence[float] = MEAN,
    std: Sequence[float] = STD,
) -> Source | None:
    """Returns the 50,000 training images with a share of wrong labels, or the clean validation images as "test".

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train" or "test".
        colour: "red", wrong labels of web images, or "blue", labels flipped.
        rate: share of wrong labels, of 0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, as far as prepared.
        size: pixels on a side, 32 in FaMUS; 299 where the images were prepared in full size.
        resize: pixels of the shorter side before `size` are cut out.
        crop: of training images, "random_resized", "random" or "middle".
        keep: decode all images once and keep them on the device; needs crop="middle".
        mean: of the channels.
        std: likewise.

    >>> from meta_noise.data.sources.cnwl import cnwl
    >>> cnwl("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set cnwl. Get d
    """
    if colour not in COLOURS:
        raise unknown_name("colour of CNWL", colour, COLOURS)
    splits = {"train": (f"{colour}_{round(100 * rate):02d}",), "test": ("test",)}
    return read_part(Place("cnwl", path, ADVICE), part, splits, Cut(size, resize, crop), mean, std, keep=keep)


def cnwl_plan(tree: str, colour: str = "red", rates: Iterable[float] = RATES) -> Plan:
    """Returns red or blue mini-ImageNet: one split for each rate, such as red_40, and test, the clean validation set.

    Args:
        tree: folder with the lists and the images somewhere below.
        colour: "red" or "blue".
        rates: shares of wrong labels, of `RATES`.
    """
    if colour not in COLOURS:
        raise unknown_name("colour of CNWL", colour, COLOURS)
    wrong = [rate for rate in rates if rate not in RATES]
    if wrong:
        raise InputError(f"There is no CNWL set with a rate of {wrong[0]}; the rates are {', '.join(map(str, RATES))}.")
    root = tree_of("cnwl", tree, (), ADVICE)
    folder = _lists(root)
    files = _images(root)
    synsets = _synset_classes(folder, colour)
    splits = {}
    for rate in rates:
        path = folder / f"{colour}_noise_nl_{rate}"
        if not path.exists():
            raise DataNotFoundError(f"{path} does not exist; it is in dataset_no_images.zip. {ADVICE}.")
        rows = _rows(pairs_of(path, CLASSES), files, synsets, path)
        _check_rate(rows, rate, path)
        splits[f"{colour}_{round(100 * rate):02d}"] = rows
    pairs = pairs_of(folder / "clean_validation", CLASSES)
    splits["test"] = [
        Row(row.id, row.file, row.label, row.label, 1) for row in _rows(pairs, files, {}, folder / "clean_validation")
    ]
    return Plan("cnwl", _class_names(folder.parent / "class_name.txt"), splits, _published(splits))


def _published(splits: Iterable[str]) -> dict[str, int]:
    """Returns the published sizes: those of the red lists, and of the validation list."""
    uneven = {"red_30": 49_985, "red_40": 50_010, "red_50": 49_962, "red_80": 50_008, "test": 5_000}
    return {split: uneven.get(split, 50_000) for split in splits if not split.startswith("blue")}


def _lists(root: Path) -> Path:
    """Returns the folder `split` with the lists."""
    found = sorted(path.parent for path in root.rglob("split/clean_validation"))
    if len(found) != 1:
        raise DataNotFoundError(
            f"{root} holds {len(found)} folders `split` with a list clean_validation of data set cnwl and has to hold "
            f"one. {ADVICE}."
        )
    return found[0]


def _images(root: Path) -> dict[str, str]:
    """Returns the path of every image below a folder by its name without ending; "" where two have the same."""
    files: dict[str, str] = {}
    for place, _, names in os.walk(root):
        for name in names:
            stem, ending = os.path.splitext(name)
            if ending.lower() in ENDINGS:
                files[stem] = "" if stem in files else os.path.join(place, name)
    return files


def _synset_classes(folder: Path, colour: str) -> dict[str, int]:
    """Returns the class of each synset, from the list without noise; empty where that list is not there."""
    path = folder / f"{colour}_noise_nl_0.0"
    if not path.exists():
        return {}
    pairs = [(name[:9], label) for name, label in pairs_of(path, CLASSES) if _is_imagenet(name)]
    check_functional(pairs, "synset", str(path))
    return dict(pairs)


def _is_imagenet(name: str) -> bool:
    return name[:1] == "n" and name[1:9].isdecimal()


def _rows(pairs: list[tuple[str, int]], files: dict[str, str], synsets: dict[str, int], path: Path) -> list[Row]:
    rows = []
    for name, label in pairs:
        stem = name.rpartition(".")[0] or name
        file = files.get(stem, f"{stem}.jpg (anywhere)")
        if not file:
            raise InputError(f"The image {name} of {path} lies in two places; leave one of them, in the size wanted.")
        true = synsets.get(name[:9], UNKNOWN) if _is_imagenet(name) else UNKNOWN
        is_right = _is_imagenet(name) and true in (UNKNOWN, label)
        rows.append(Row(name, file, label, true, int(is_right)))
    return rows


def _check_rate(rows: list[Row], rate: float, path: Path) -> None:
    """Raises InputError where the share of wrong labels is not the one that the list promises."""
    found = sum(row.verified == 0 for row in rows) / max(len(rows), 1)
    is_known = not path.name.startswith("blue") or any(row.true_label >= 0 for row in rows)
    if is_known and abs(found - rate) > TOLERANCE:
        raise InputError(
            f"{path} has {found:.1%} wrong labels, but its name says {rate:.0%}; images and labels do not belong "
            "together. Get the list again."
        )


def _class_names(path: Path) -> tuple[str, ...]:
    names = [line.strip().replace("\t", " ") for line in lines_of(path)]
    if len(names) != CLASSES:
        raise InputError(f"{path} names {len(names)} classes, mini-ImageNet has {CLASSES}.")
    return tuple(names)
