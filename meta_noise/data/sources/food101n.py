"""Food-101N: images of food found by name, a part of which people have looked at, and the test images of Food-101.

K.-H. Lee, X. He, L. Zhang, L. Yang, "CleanNet: Transfer Learning for Scalable Image Classifier Training with Label
Noise", CVPR 2018, https://kuanghuei.github.io/Food-101N; L. Bossard, M. Guillaumin, L. Van Gool, "Food-101", ECCV 2014.

    TREE/images/CLASS/KEY.jpg
    TREE/meta/classes.txt, imagelist.tsv                        one header line, then CLASS, and CLASS/KEY.jpg
    TREE/meta/verified_train.tsv, verified_val.tsv              one header line, then CLASS/KEY.jpg <tab> 0 or 1
    FOOD101/images/CLASS/KEY.jpg, FOOD101/meta/test.txt         CLASS/KEY

The class is the folder of the image. The split `selection` has those images of verified_val.tsv whose label is right;
all images of that list are left out of `train`. In `train`, `verified` is the bit of verified_train.tsv. Few keys of
that list are known to be absent from imagelist.tsv; they are counted, and more than one in a thousand is an error.

`food101n_plan` says what is to be prepared by `meta-noise prepare food101n`, `food101n` reads what was prepared.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.plan import UNKNOWN, Plan, Row, lines_of, tree_of
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source
from meta_noise.errors import InputError

EVALUATED = ("selection", "test")
CLASSES = 101
ADVICE = "Get it from https://kuanghuei.github.io/Food-101N and extract Food-101N_release"
FOOD101_ADVICE = "Get Food-101 from https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/ and extract it"
STRAY = 0.001  # largest share of verified keys that imagelist.tsv does not know
VERIFIED = ("verified_train.tsv", "verified_val.tsv")


def food101n(
    path: str = "",
    part: str = "train",
    size: int = 224,
    resize: int = 256,
    crop: str = "random_resized",
    trusted: bool = True,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Source | None:
    """Returns the images found in the web, the verified right ones of the validation list, or Food-101's test images.

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train", "selection" (chooses the epoch) or "test".
        size: pixels on a side.
        resize: pixels of the shorter side before `size` are cut out of the middle, in evaluation.
        crop: of training images, "random_resized", "random" or "middle".
        trusted: training images whose label a person found right are trusted. Those found wrong stay as they are.
        mean: of the channels.
        std: likewise.

    >>> from meta_noise.data.sources.food101n import food101n
    >>> food101n("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set food101n. G
    """
    splits = {name: (name,) for name in ("train", "selection", "test")}
    return read_part(
        Place("food101n", path, ADVICE, " --food101 DIR"), part, splits, Cut(size, resize, crop), mean, std, trusted
    )


def food101n_plan(tree: str, food101: str) -> Plan:
    """Returns Food-101N: the splits train, selection and test (Food-101's).

    Args:
        tree: the folder Food-101N_release.
        food101: the folder food-101.
    """
    needed = ["images", *(f"meta/{file}" for file in ("classes.txt", "imagelist.tsv", *VERIFIED))]
    root = tree_of("food101n", tree, needed, ADVICE)
    other = tree_of("food101n", food101, ["images", "meta/test.txt"], FOOD101_ADVICE)
    names = tuple(line.strip() for line in lines_of(root / "meta" / "classes.txt")[1:])
    if len(set(names)) != CLASSES:
        raise InputError(
            f"{root / 'meta' / 'classes.txt'} names {len(set(names))} classes after its first line, not {CLASSES}."
        )
    number = {name: klass for klass, name in enumerate(names)}
    keys = [line.strip() for line in lines_of(root / "meta" / "imagelist.tsv")[1:]]
    bits = {file: _bits(root / "meta" / file) for file in VERIFIED}
    strays = {key for found in bits.values() for key in found} - set(keys)
    total = sum(map(len, bits.values()))
    if len(strays) > STRAY * total:
        raise InputError(
            f"{len(strays):,} of {total:,} verified images are not in imagelist.tsv, such as {min(strays)!r:.100}; the "
            "lists are of different releases."
        )
    train, held = (bits[file] for file in VERIFIED)
    splits = {
        "train": _rows(root, ((key, train.get(key, UNKNOWN)) for key in keys if key not in held), number),
        "selection": _rows(root, ((key, 1) for key in keys if held.get(key) == 1), number),
        "test": _rows(other, ((f"{line.strip()}.jpg", 1) for line in lines_of(other / "meta" / "test.txt")), number),
    }
    notes = (f"{len(strays)} verified images are in no list of images; they are left out.",) if strays else ()
    return Plan("food101n", names, splits, {"test": 25_250}, notes)


def _bits(path: Path) -> dict[str, int]:
    """Returns the bit of each image of a verification list."""
    found = {}
    for number, line in enumerate(lines_of(path)[1:], 2):
        key, _, bit = line.strip().partition("\t")
        if bit not in ("0", "1"):
            raise InputError(f"{path}, line {number}: {line!r:.100} is not `image <tab> 0 or 1`; get the file again.")
        found[key] = int(bit)
    return found


def _rows(root: Path, images: Iterable[tuple[str, int]], number: dict[str, int]) -> list[Row]:
    """Returns the rows of images CLASS/KEY.jpg with their verification bit."""
    rows = []
    for key, verified in images:
        klass = key.partition("/")[0]
        if klass not in number:
            raise InputError(
                f"{root} has the class {klass!r:.100} ({key!r:.100}), which Food-101N's classes.txt lacks."
            )
        label = number[klass]
        rows.append(Row(key, str(root / "images" / key), label, label if verified == 1 else UNKNOWN, verified))
    return rows
