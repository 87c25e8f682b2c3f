"""Asymmetric noise: a label becomes the one class that it is most easily confused with.

G. Patrini, A. Rozza, A. Menon, R. Nock, L. Qu, "Making Deep Neural Networks Robust to Label Noise: a Loss Correction
Approach", CVPR 2017, https://arxiv.org/abs/1609.03683:

    R[c, c] = 1 - rho,    R[c, j(c)] = rho where class c has a j(c),    R[c, c] = 1 where it has none

CIFAR-10: truck -> automobile, bird -> airplane, cat <-> dog, deer -> horse, so that a share of `rho / 2` of all
labels is wrong. CIFAR-100: the next class of the same superclass, after the last one the first. For CIFAR-100 this
differs from the published code, whose "superclasses" are blocks of five successive class numbers, not the true ones;
and it differs from codes that choose `rho N` rows of the whole set, in which the wrong share is the same on average.
"""

from collections.abc import Sequence

import numpy as np

from meta_noise.data.corruption import Noisy, check_labels, check_rate, draw
from meta_noise.data.noise.hierarchical import find_superclasses, is_cifar100, numbered_groups
from meta_noise.data.sources.cifar import CLASS_NAMES
from meta_noise.errors import InputError

CIFAR10 = (("truck", "automobile"), ("bird", "airplane"), ("cat", "dog"), ("dog", "cat"), ("deer", "horse"))


def asymmetric(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    pairs: Sequence[Sequence[int | str]] = (),
    superclasses: Sequence[Sequence[int | str]] = (),
    *,
    class_names: Sequence[str] = (),
) -> Noisy:
    """Returns labels that become the class theirs is confused with, with probability `rate`.

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C.
        rate: rho, in [0, 1]: of the classes that change, not of all labels.
        pairs: lists [from, to] of class numbers or names; a class without one keeps its labels.
        superclasses: in place of pairs, lists of class numbers or names in which each class becomes the next and the
            last the first.
        class_names: C names, by which CIFAR-10 and CIFAR-100 are known where neither is given.

    >>> import numpy as np
    >>> from meta_noise.data.noise.asymmetric import asymmetric
    >>> rng, labels = np.random.default_rng(0), np.arange(1000) % 4
    >>> noisy = asymmetric(rng, labels, 4, 0.4, pairs=[[0, 1], [2, 3]])
    >>> float(np.mean(noisy.labels != labels).round(2))
    0.22
    >>> noisy.transition[0].round(2).tolist()
    [0.6, 0.4, 0.0, 0.0]
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    if pairs and superclasses:
        raise InputError("Noise asymmetric takes pairs or superclasses, not both; leave one of them out.")
    if not pairs and not superclasses and sorted(class_names) == sorted(CLASS_NAMES):
        pairs = CIFAR10
    if not pairs and not superclasses and not is_cifar100(class_names):
        raise InputError(
            "Noise asymmetric knows CIFAR-10 and CIFAR-100 by their class names, and this is another data set; give "
            "pairs=[[from, to], ...] or superclasses=[[class, class, ...], ...], as numbers or names."
        )
    if pairs:
        steps = _steps(pairs, num_classes, class_names)
    else:
        groups = find_superclasses(superclasses, num_classes, class_names, "asymmetric")
        steps = {before: after for group in groups for before, after in zip(group, group[1:] + group[:1], strict=True)}
    transition = np.eye(num_classes)
    for before, after in steps.items():
        transition[before, before], transition[before, after] = 1 - rate, rate
    return Noisy(draw(rng, labels, transition), transition)


def _steps(pairs: Sequence[Sequence[int | str]], num_classes: int, class_names: Sequence[str]) -> dict[int, int]:
    """Returns class -> class, after checking that each pair has two classes and each class one successor."""
    steps: dict[int, int] = {}
    for numbers in numbered_groups(pairs, num_classes, class_names, "Noise asymmetric: pair"):
        if len(numbers) != 2:
            raise InputError(f"Noise asymmetric: pair {numbers} has {len(numbers)} classes; give [from, to].")
        if numbers[0] in steps:
            raise InputError(f"Noise asymmetric: class {numbers[0]} has two successors in pairs; give one.")
        steps[numbers[0]] = numbers[1]
    return steps
