"""Open-set noise: some images are replaced by those of other data sets, which belong to none of the classes.

K. Lee, S. Yun, K. Lee, H. Lee, B. Li, J. Shin, "Robust Inference via Generative Classifiers for Handling Noisy
Labels", ICML 2019, https://arxiv.org/abs/1901.11300; Z. Zhang, H. Zhang, S. O. Arik, H. Lee, T. Pfister, "Distilling
Effective Supervision from Severe Label Noise", CVPR 2020, https://arxiv.org/abs/1910.00701. The labels stay, and those
of the images that stay are right:

    R = I,    #(image of another set, observed = c) = round(rho n_c)

It differs from both papers, which share files of images that are not published here: which images are replaced is drawn
anew from the seed. With several other sets each gives the same number of images, as the papers' half CIFAR-100, half
ImageNet.
"""

from collections.abc import Sequence

import numpy as np

from meta_noise.config import registry
from meta_noise.data.corruption import Noisy, check_inputs, check_labels, check_rate
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.source import Source
from meta_noise.errors import InputError


def open_set(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    sources: Sequence[str] = ("cifar100",),
    paths: Sequence[str] = ("data/cifar100",),
    *,
    inputs: np.ndarray | None = None,
) -> Noisy:
    """Returns the labels as they are, and which images are replaced by which of the other sets.

    Rows that are trusted later get their own images back.

    Args:
        rng: decides which rows of each class, and which images of the other sets; none is taken twice.
        labels: [N] true classes.
        num_classes: C.
        rate: rho, share of the images of each class that are replaced, in [0, 1].
        sources: names of data sets with images of the same size: cifar100 for cifar10.
        paths: where their files are, one path for each.
        inputs: [N, ...] the images.

    Raises:
        InputError: the other sets have too few images, or images of another size.

    >>> import numpy as np
    >>> from meta_noise.data.noise.open_set import open_set
    >>> images = np.zeros((4, 32, 32, 3), np.uint8)
    >>> rng, paths = np.random.default_rng(0), ["no/such/folder"]
    >>> open_set(rng, np.arange(4), 4, 0.4, paths=paths, inputs=images)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder does not hold data set cifar100. G
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    pools = foreign_inputs(sources, paths, check_inputs(inputs, len(labels), "open_set"))
    chosen = []
    for klass in range(num_classes):
        members = np.flatnonzero(labels == klass)
        chosen.append(rng.choice(members, round(rate * len(members)), replace=False))
    rows = rng.permutation(np.concatenate(chosen))  # so that every set gives images to every class
    foreign = np.full(len(labels), -1, np.int64)
    first = 0
    for name, pool, places in zip(sources, pools, np.array_split(rows, len(pools)), strict=True):
        if len(places) > len(pool):
            raise InputError(
                f"Noise open_set needs {len(places)} images of {name}, which has {len(pool)}; ask for less."
            )
        foreign[places] = first + rng.choice(len(pool), len(places), replace=False)
        first += len(pool)
    return Noisy(labels.copy(), np.eye(num_classes), foreign)


def foreign_inputs(sources: Sequence[str], paths: Sequence[str], like: np.ndarray) -> list[np.ndarray]:
    """Returns the training inputs [M, ...] of each of the named data sets.

    Args:
        sources: names of data sets.
        paths: where the files of each are; as many as there are names.
        like: [N, ...] inputs of the data set that they go into.

    Raises:
        InputError: the inputs of a set have another shape or type, or names and paths do not match.
    """
    if not sources or len(sources) != len(paths):
        raise InputError(
            f"{len(sources)} data sets ({', '.join(sources) or 'none'}) and {len(paths)} paths are given for the "
            "foreign inputs; name one or more, with a path for each."
        )
    pools = []
    for name, path in zip(sources, paths, strict=True):
        source: Source = registry.call(
            registry.find("data.sources", name), f"data {name!r}", {"path": path, "part": "train"}
        )
        if isinstance(source.inputs, Streamed):
            raise InputError(f"{name} is streamed from disk; foreign inputs come from a set held in memory.")
        if source.inputs.shape[1:] != like.shape[1:] or source.inputs.dtype != like.dtype:
            raise InputError(
                f"The inputs of {name} are {source.inputs.dtype} of shape {source.inputs.shape[1:]} and cannot take "
                f"the place of {like.dtype} of shape {like.shape[1:]}; choose a data set of the same size and type."
            )
        pools.append(source.inputs)
    return pools
