"""Clothing1M: a million images of clothes with the class that the text around them says, and three clean sets.

T. Xiao, T. Xia, Y. Yang, C. Huang, X. Wang, "Learning from Massive Noisy Labeled Data for Image Classification", CVPR
2015, https://github.com/Cysu/noisy_label.

    TREE/noisy_label_kv.txt, clean_label_kv.txt      images/0/0/NAME.jpg CLASS
    TREE/noisy_train_key_list.txt, clean_train_key_list.txt, clean_val_key_list.txt, clean_test_key_list.txt
    TREE/category_names_eng.txt                      line = class
    TREE/images/0/..., images/9/...

Some images have both labels. The paper finds 61.54% of the noisy labels right, so that where a hundred or more
images have both, less than half in agreement means that labels and images have slipped against each other.

`clothing1m_plan` says what is to be prepared by `meta-noise prepare clothing1m`, `clothing1m` reads what was prepared.
"""

from collections.abc import Sequence

from meta_noise.data.images.crops import Cut
from meta_noise.data.images.plan import UNKNOWN, Plan, Row, check_once, lines_of, pairs_of, tree_of
from meta_noise.data.images.prepared import IMAGENET_MEAN, IMAGENET_STD, Place, read_part
from meta_noise.data.source import Source
from meta_noise.errors import InputError

EVALUATED = ("selection", "test")
CLASSES = 14
FEWEST, LOWEST = 100, 0.5
ADVICE = (
    "Ask its authors for the link (https://github.com/Cysu/noisy_label), extract the archives 0.tar to 9.tar into "
    "`images` and put the lists beside it"
)
LISTS = {"train": "noisy_train", "clean": "clean_train", "selection": "clean_val", "test": "clean_test"}
PUBLISHED = {"train": 1_000_000, "clean": 47_570, "selection": 14_313, "test": 10_526}


def clothing1m(
    path: str = "",
    part: str = "train",
    size: int = 224,
    resize: int = 256,
    crop: str = "random",
    trusted: bool = True,
    mean: Sequence[float] = IMAGENET_MEAN,
    std: Sequence[float] = IMAGENET_STD,
) -> Source | None:
    """Returns the noisy million with the clean training images as trusted rows, or the clean "selection" or "test".

    Args:
        path: folder that was given to `meta-noise prepare` as --to.
        part: "train", "selection" (clean_val, chooses the epoch) or "test".
        size: pixels on a side.
        resize: pixels of the shorter side before `size` are cut out.
        crop: of training images, "random_resized", "random" or "middle".
        trusted: the 47,570 clean training images are part of the training rows, as trusted ones.
        mean: of the channels; DivideMix takes (0.6959, 0.6537, 0.6371).
        std: likewise; DivideMix takes (0.3113, 0.3192, 0.3214).

    >>> from meta_noise.data.sources.clothing1m import clothing1m
    >>> clothing1m("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set clothing1m.
    """
    train = ("train", "clean") if trusted else ("train",)
    splits = {"train": train, "selection": ("selection",), "test": ("test",)}
    return read_part(Place("clothing1m", path, ADVICE), part, splits, Cut(size, resize, crop), mean, std, trusted)


def clothing1m_plan(tree: str) -> Plan:
    """Returns Clothing1M: the splits train (noisy), clean, selection and test (all three checked by people).

    Args:
        tree: folder with the lists and `images`.
    """
    files = {split: f"{name}_key_list.txt" for split, name in LISTS.items()}
    needed = ["noisy_label_kv.txt", "clean_label_kv.txt", "category_names_eng.txt", "images", *files.values()]
    root = tree_of("clothing1m", tree, needed, ADVICE)
    names = tuple(line.strip() for line in lines_of(root / "category_names_eng.txt"))
    if len(names) != CLASSES:
        raise InputError(f"{root / 'category_names_eng.txt'} names {len(names)} classes, Clothing1M has {CLASSES}.")
    noisy, clean = (dict(pairs_of(root / f"{kind}_label_kv.txt", CLASSES)) for kind in ("noisy", "clean"))
    note = _check_agreement(noisy, clean)
    splits = {}
    for split, file in files.items():
        keys = [line.strip() for line in lines_of(root / file)]
        labels = noisy if split == "train" else clean
        lacking = [key for key in keys if key not in labels]
        if lacking:
            kind = "noisy" if split == "train" else "clean"
            raise InputError(
                f"{root / file} names {len(lacking):,} images without a label in {kind}_label_kv.txt, such as "
                f"{lacking[0]!r:.100}; the lists are of different releases."
            )
        is_clean = split != "train"
        splits[split] = [
            Row(key, str(root / key), labels[key], labels[key] if is_clean else UNKNOWN, 1 if is_clean else UNKNOWN)
            for key in keys
        ]
    check_once((row.id for rows in splits.values() for row in rows), f"The key lists in {root} together")
    return Plan("clothing1m", names, splits, PUBLISHED, (note,))


def _check_agreement(noisy: dict[str, int], clean: dict[str, int]) -> str:
    """Returns a sentence on how many noisy labels are right; raises InputError where it cannot be so."""
    both = [noisy[key] == clean[key] for key in noisy.keys() & clean.keys()]
    right = sum(both) / max(len(both), 1)
    if len(both) >= FEWEST and right < LOWEST:
        raise InputError(
            f"Of {len(both):,} images with both labels only {right:.1%} have the same one, and about 61.5% should: the "
            "two label files do not belong together."
        )
    return f"{len(both):,} images have a noisy and a clean label; {right:.1%} of them the same."
