"""Hierarchical noise: a label becomes another class of the same superclass.

D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using Trusted Data to Train Deep Networks on Labels Corrupted by
Severe Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300. With m classes in the superclass of c:

    R[c, c] = 1 - rho,    R[c, k] = rho / (m - 1) for the other classes k of the superclass

This differs from loaders made after the paper's code, which look the superclasses up at the wrong rows. Superclasses
are groups of classes that look alike: those that the user lists, or the 20 of five classes published with CIFAR-100, A.
Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto, 2009,
https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from collections.abc import Sequence

import numpy as np

from meta_noise.data.corruption import Noisy, check_labels, check_rate, draw
from meta_noise.errors import InputError

CIFAR100 = (  # in the order of the coarse labels; inside a superclass in the order of the fine ones
    ("beaver", "dolphin", "otter", "seal", "whale"),
    ("aquarium_fish", "flatfish", "ray", "shark", "trout"),
    ("orchid", "poppy", "rose", "sunflower", "tulip"),
    ("bottle", "bowl", "can", "cup", "plate"),
    ("apple", "mushroom", "orange", "pear", "sweet_pepper"),
    ("clock", "keyboard", "lamp", "telephone", "television"),
    ("bed", "chair", "couch", "table", "wardrobe"),
    ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    ("bear", "leopard", "lion", "tiger", "wolf"),
    ("bridge", "castle", "house", "road", "skyscraper"),
    ("cloud", "forest", "mountain", "plain", "sea"),
    ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    ("fox", "porcupine", "possum", "raccoon", "skunk"),
    ("crab", "lobster", "snail", "spider", "worm"),
    ("baby", "boy", "girl", "man", "woman"),
    ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    ("maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"),
    ("bicycle", "bus", "motorcycle", "pickup_truck", "train"),
    ("lawn_mower", "rocket", "streetcar", "tank", "tractor"),
)


def hierarchical(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    superclasses: Sequence[Sequence[int | str]] = (),
    *,
    class_names: Sequence[str] = (),
) -> Noisy:
    """Returns labels that become another class of their superclass, each equally likely, with probability `rate`.

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C.
        rate: rho, in [0, 1].
        superclasses: lists of two or more class numbers or names; a class in none of them keeps its labels. Empty
            for those of CIFAR-100.
        class_names: C names.

    >>> import numpy as np
    >>> from meta_noise.data.noise.hierarchical import hierarchical
    >>> rng, labels = np.random.default_rng(0), np.arange(1000) % 4
    >>> noisy = hierarchical(rng, labels, 4, 0.4, superclasses=[[0, 1], [2, 3]])
    >>> float(np.mean(noisy.labels != labels).round(2))
    0.43
    >>> noisy.transition[0].round(2).tolist()
    [0.6, 0.4, 0.0, 0.0]
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    transition = np.eye(num_classes)
    for group in find_superclasses(superclasses, num_classes, class_names, "hierarchical"):
        transition[np.ix_(group, group)] = rate / (len(group) - 1)
        transition[group, group] = 1 - rate
    return Noisy(draw(rng, labels, transition), transition)


def is_cifar100(class_names: Sequence[str]) -> bool:
    """Says whether these are the 100 fine classes of CIFAR-100, in any order."""
    return sorted(class_names) == sorted(name for group in CIFAR100 for name in group)


def numbered_groups(
    groups: Sequence[Sequence[int | str]], num_classes: int, class_names: Sequence[str], what: str
) -> list[list[int]]:
    """Returns groups of classes, given by number or by name, as numbers.

    Args:
        groups: each with two classes or more; the classes that are in none are left alone by whoever asks.
        num_classes: C.
        class_names: C names, or none.
        what: for messages, such as "noise hierarchical: superclass".

    Raises:
        InputError: a class does not exist or occurs twice in a group, or a group has only one.
    """
    numbered = []
    for group in groups:
        if isinstance(group, str) or not isinstance(group, Sequence) or len(group) < 2:
            raise InputError(f"{what} {group!r} must be a list of two or more classes.")
        numbers = [_number(entry, num_classes, class_names, what) for entry in group]
        if len(set(numbers)) < len(numbers):
            raise InputError(f"{what} {list(group)!r} names a class twice; name each once.")
        numbered.append(numbers)
    return numbered


def find_superclasses(
    given: Sequence[Sequence[int | str]], num_classes: int, class_names: Sequence[str], kind: str
) -> list[list[int]]:
    """Returns the numbers of the classes in each superclass: of those given, else of CIFAR-100's.

    Args:
        given: lists of class numbers or names; empty for those that CIFAR-100 comes with.
        num_classes: C.
        class_names: C names, which tell whether the data set is CIFAR-100.
        kind: name of the noise, for messages.

    Raises:
        InputError: none are given and the data set is another, or a class is in two of them.
    """
    if not given and not is_cifar100(class_names):
        raise InputError(
            f"Noise {kind} knows the superclasses of CIFAR-100 by its 100 class names, and this is another data set; "
            "list them: superclasses=[[class, class, ...], [class, ...], ...], as numbers or names."
        )
    groups = numbered_groups(given or CIFAR100, num_classes, class_names, f"Noise {kind}: superclass")
    seen: set[int] = set()
    for group in groups:
        if double := sorted(seen.intersection(group)):
            raise InputError(f"Noise {kind}: class {double[0]} is in two superclasses; put it into one.")
        seen.update(group)
    return groups


def _number(entry: int | str, num_classes: int, class_names: Sequence[str], what: str) -> int:
    """Returns the number of a class that is given by its number or its name."""
    names = list(class_names)
    if isinstance(entry, str) and entry in names:
        return names.index(entry)
    if not isinstance(entry, str) and entry in range(num_classes):
        return int(entry)
    shown = f" or a name ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})" if names else ""
    raise InputError(f"{what} holds {entry!r}, which is no class; give 0..{num_classes - 1}{shown}.")
