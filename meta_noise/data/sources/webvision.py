"""WebVision 1.0, whole and the part called mini, with the validation images of ImageNet (ILSVRC 2012) beside it.

W. Li, L. Wang, W. Li, E. Agustsson, L. Van Gool, "WebVision Database: Visual Learning and Understanding from Web
Data", 2017, https://arxiv.org/abs/1708.02862; mini: the first 50 classes of the images found by Google, as in
L. Jiang et al., "MentorNet", ICML 2018, https://arxiv.org/abs/1712.05055.

    TREE/info/train_filelist_google.txt, train_filelist_flickr.txt    google/q0001/NAME.jpg CLASS
    TREE/info/val_filelist.txt                                        val000001.jpg CLASS
    TREE/info/synsets.txt                                             n01440764 tench, Tinca tinca: line = class
    TREE/google/..., TREE/flickr/..., TREE/val_images_256/...

The class of an image follows from the query it was found by, its folder; that every folder has one class is checked.
ImageNet's images are read as `meta_noise.data.images.imagenet` describes.

`webvision_plan` and `webvision_mini_plan` say what is to be prepared by `meta-noise prepare`, `webvision` reads what
was prepared.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.imagenet import imagenet_tree, images_by_synset, validation_images
from meta_noise.data.images.plan import Plan, Row, check_functional, lines_of, pairs_of, tree_of
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source
from meta_noise.errors import InputError

EVALUATED = ("test", "imagenet")
CLASSES = 1000
MINI = 50
ADVICE = (
    "Get it from https://data.vision.ee.ethz.ch/cvl/webvision/dataset2017.html and extract info, google, flickr and "
    "val_images_256 into one folder"
)
GOOGLE, FLICKR, VALIDATION = "train_filelist_google.txt", "train_filelist_flickr.txt", "val_filelist.txt"


def webvision(
    path: str = "",
    part: str = "train",
    mini: bool = True,
    size: int = 299,
    resize: int = 320,
    crop: str = "random_resized",
    trusted: bool = False,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Source | None:
    """Returns the training images, WebVision's validation images ("test") or those of ImageNet ("imagenet").

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train", "test" or "imagenet"; None comes back where the last was not prepared.
        mini: the first 50 classes found by Google, else all 1,000 of both search engines.
        size: pixels on a side.
        resize: pixels of the shorter side before `size` are cut out of the middle, in evaluation.
        crop: of training images, "random_resized", "random" or "middle".
        trusted: training images of ImageNet, prepared with --clean, are added as trusted rows.
        mean: of the channels.
        std: likewise.

    >>> from meta_noise.data.sources.webvision import webvision
    >>> webvision("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set webvision_m
    """
    name = "webvision_mini" if mini else "webvision"
    splits = {"train": ("train", "clean") if trusted else ("train",), "test": ("test",), "imagenet": ("imagenet",)}
    return read_part(Place(name, path, ADVICE), part, splits, Cut(size, resize, crop), mean, std, trusted)


def webvision_plan(tree: str, imagenet: str = "", clean: int = 0) -> Plan:
    """Returns all of WebVision 1.0, 1,000 classes.

    Args:
        tree: folder with `info`, `google`, `flickr` and `val_images_256`.
        imagenet: folder with `val` and, for trusted rows, `train`; empty: without ImageNet.
        clean: images of every class that are taken from ImageNet's training images as trusted rows, the first ones by
            name.

    Returns:
        The splits train, test (WebVision's validation images), imagenet (those of ImageNet) and clean.
    """
    published = {"train": 2_439_574, "test": 50_000, "imagenet": 50_000}
    return _plan("webvision", tree, imagenet, clean, CLASSES, (GOOGLE, FLICKR), published)


def webvision_mini_plan(tree: str, imagenet: str = "", clean: int = 0) -> Plan:
    """Returns the first 50 classes of WebVision 1.0 found by Google; arguments and splits as in `webvision_plan`."""
    published = {"train": 65_944, "test": 2_500, "imagenet": 2_500}
    return _plan("webvision_mini", tree, imagenet, clean, MINI, (GOOGLE,), published)


def _plan(
    name: str, tree: str, imagenet: str, clean: int, classes: int, lists: tuple[str, ...], published: dict[str, int]
) -> Plan:
    needed = [f"info/{file}" for file in (*lists, VALIDATION, "synsets.txt")]
    root = tree_of(name, tree, [*needed, "val_images_256"], ADVICE)
    synsets = _synsets(root / "info" / "synsets.txt", classes)
    splits = {"train": _listed(root, lists, classes), "test": _listed(root, (VALIDATION,), classes, "val_images_256")}
    queries = ((row.id.rpartition("/")[0], row.label) for row in splits["train"])
    check_functional(queries, "query", f"{root / 'info' / lists[0]}")
    if clean and not imagenet:
        raise InputError("Trusted rows come from ImageNet's training images; say where they are with --imagenet.")
    if imagenet:
        folder = imagenet_tree(name, imagenet, with_train=clean > 0)
        numbers = {synset: klass for klass, (synset, _) in enumerate(synsets)}
        splits["imagenet"] = validation_images(folder, numbers)
        if clean:
            splits["clean"] = images_by_synset(folder / "train", numbers, clean)
    return Plan(name, tuple(f"{synset} {words}" for synset, words in synsets), splits, published)


def _listed(root: Path, lists: Iterable[str], classes: int, folder: str = "") -> list[Row]:
    """Returns the rows of file lists whose class is among the first `classes`."""
    pairs = [pair for name in lists for pair in pairs_of(root / "info" / name, CLASSES)]
    return [Row(image, str(root / folder / image), label) for image, label in pairs if label < classes]


def _synsets(path: Path, classes: int) -> list[tuple[str, str]]:
    """Returns (synset, first word) of each class."""
    found = [line.partition(" ")[::2] for line in lines_of(path)]
    if len(found) != CLASSES or not all(len(key) == 9 and key[0] == "n" and key[1:].isdecimal() for key, _ in found):
        raise InputError(
            f"{path} must have {CLASSES:,} lines such as `n01440764 tench, Tinca tinca`, one for each class, and has "
            f"{len(found):,}; the map from classes to synsets is not that of WebVision 1.0."
        )
    if len({key for key, _ in found}) != CLASSES:
        raise InputError(f"{path} names a synset twice, so classes and ImageNet's folders cannot be matched.")
    return [(key, words.split(",")[0].strip() or key) for key, words in found[:classes]]
