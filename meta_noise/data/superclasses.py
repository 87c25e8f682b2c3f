"""Superclasses: groups of classes that look alike, as published for CIFAR-100 or as the user lists them.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, University of Toronto,
2009, https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from collections.abc import Sequence

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


def superclasses(
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
