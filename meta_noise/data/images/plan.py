"""What is to be prepared: every image of every split with its labels, before any image is opened."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from meta_noise.data.formats.published import not_found
from meta_noise.errors import DataNotFoundError, InputError

ARCHIVES = (".tar", ".tgz", ".gz", ".zip", ".7z", ".rar")
UNKNOWN = -1


class Row(NamedTuple):
    """One image.

    Attributes:
        id: as the distributor names it, unique within its split.
        file: its path.
        label: observed class.
        true_label: the true class, -1 unknown.
        verified: 1 a person found the label right, 0 wrong, -1 nobody looked.
    """

    id: str
    file: str
    label: int
    true_label: int = UNKNOWN
    verified: int = UNKNOWN


class Plan(NamedTuple):
    """A data set as its distributor ships it.

    Attributes:
        name: of the data set.
        class_names: C names, those with the number of the class.
        splits: the rows of each, in the order of the distributor's list.
        published: how many rows a split has where all is there; a split whose number is not known is left out.
        notes: sentences about what is unusual.
    """

    name: str
    class_names: tuple[str, ...]
    splits: dict[str, list[Row]]
    published: dict[str, int]
    notes: tuple[str, ...] = ()


def tree_of(name: str, path: str | os.PathLike[str], needed: Iterable[str], advice: str) -> Path:
    """Returns the folder of an extracted data set after a look at what it has to hold.

    Raises:
        DataNotFoundError: it does not exist, or lacks a file or folder that is `needed`.
        InputError: it is an archive, or holds nothing but archives.
    """
    tree = Path(path)
    if tree.is_file():
        what = "is an archive" if tree.suffix.lower() in ARCHIVES else "is a file"
        raise InputError(f"{tree} {what}. Extract the data set {name} first and give the folder it is in.")
    if not tree.is_dir():
        raise not_found(name, path, advice)
    for entry in needed:
        if not (tree / entry).exists():
            packed = sorted(file.name for file in tree.iterdir() if file.suffix.lower() in ARCHIVES)
            if packed:
                raise InputError(
                    f"{tree} lacks {entry} of data set {name}, but holds archives such as {packed[0]}. Extract them "
                    "there first; nothing is read from inside an archive."
                )
            raise not_found(name, path, advice, entry)
    return tree


def lines_of(path: Path) -> list[str]:
    """Returns the lines of a text file that are not empty."""
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError as error:
        raise DataNotFoundError(f"{path} does not exist.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text file (byte {error.start} is not UTF-8); extract it again.") from error


def pairs_of(path: Path, classes: int) -> list[tuple[str, int]]:
    """Returns (image, class) of a file list with lines `image class`.

    Raises:
        InputError: a line is not of that form, a class is not in 0..classes-1, or an image occurs twice.
    """
    pairs = []
    for number, line in enumerate(lines_of(path), 1):
        image, _, label = line.strip().rpartition(" ")
        if not image or not label.isdecimal():
            raise InputError(f"{path}, line {number}: {line!r:.100} is not `image class`; get the file again.")
        if int(label) >= classes:
            raise InputError(
                f"{path}, line {number}: class {label}, but the classes are 0..{classes - 1}; the list belongs to "
                "another release of the data set."
            )
        pairs.append((image.strip(), int(label)))
    check_once((image for image, _ in pairs), str(path))
    return pairs


def check_once(names: Iterable[str], where: str) -> None:
    """Raises InputError where a name occurs twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"{where} names {name!r} twice; get the file again.")
        seen.add(name)


def check_functional(pairs: Iterable[tuple[str, int]], what: str, where: str) -> None:
    """Raises InputError where the same key has two classes: then labels and images have slipped against each other.

    Args:
        pairs: (key, class), the key being something about the image that decides its class.
        what: the key, for the message.
        where: the file, likewise.
    """
    first: dict[str, int] = {}
    for key, label in pairs:
        if first.setdefault(key, label) != label:
            raise InputError(
                f"{where}: images of {what} {key!r} have the classes {first[key]} and {label}, though all of them must "
                "have one. Lists and images do not belong together; get both again."
            )


def check_plan(plan: Plan, partial: bool) -> None:
    """Raises InputError unless the splits have their published size and every image exists.

    Args:
        plan: what is to be prepared.
        partial: only a part of the data set is meant to be there, so that its size says nothing.
    """
    for split, rows in plan.splits.items():
        published = plan.published.get(split, len(rows))
        if not rows:
            raise InputError(f"The lists of {plan.name} name no image for the split {split!r}.")
        if len(rows) != published and not partial:
            raise InputError(
                f"The lists of {plan.name} name {len(rows):,} images for the split {split!r}, the published set has "
                f"{published:,}. Get the lists again, or say --partial where a part is meant."
            )
        check_once((row.id for row in rows), f"The split {split!r} of {plan.name}")
    _check_present(plan.name, [row.file for rows in plan.splits.values() for row in rows])


def _check_present(name: str, files: Sequence[str]) -> None:
    absent = [file for file in dict.fromkeys(files) if not os.path.isfile(file)]
    if absent:
        raise DataNotFoundError(
            f"The lists of {name} name {len(absent):,} images (of {len(files):,}) that do not exist, such as "
            f"{absent[0]}. Extract all archives into the same folder, then run the same command."
        )
