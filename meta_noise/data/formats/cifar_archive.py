"""The Python form of CIFAR-10 and CIFAR-100: pickled dictionaries in a tar archive or in its extracted folder."""

import os
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.formats import restricted_pickle
from meta_noise.data.formats.published import check_bytes, existing_path, not_found
from meta_noise.errors import InputError

SIDE = 32


def read_members(
    name: str, path: str | os.PathLike[str], folder: str, archive: str, members: Sequence[str], verify: bool
) -> list[dict[bytes, Any]]:
    """Returns the dictionaries pickled in `members`, in that order.

    Args:
        name: the data set, for checksums and messages.
        path: the archive, a folder that holds it, the extracted folder, or a folder that holds that.
        folder: name of the extracted folder, which is also the folder inside the archive.
        archive: name of the archive.
        members: files inside `folder`.
        verify: compare each file with its published checksum before it is unpickled.
    """
    root = existing_path(name, path)
    if root.is_dir():
        places = (root, root / folder, root / archive)
        found = [p for p in places if (p / members[0]).is_file() or (p.is_file() and p.name == archive)]
        if not found:
            raise not_found(name, path, file=archive)
        root = found[0]
    contents = _from_folder(root, name, members) if root.is_dir() else _from_archive(root, folder, members)
    dictionaries = []
    for member in members:
        where = f"{root}{os.sep if root.is_dir() else ': '}{member}"
        if verify:
            check_bytes(contents[member], name, member, where)
        content = restricted_pickle.loads(contents[member], where)
        if not isinstance(content, dict):
            raise InputError(f"{where} holds a {type(content).__name__}; the published file holds a dictionary.")
        dictionaries.append(content)
    return dictionaries


def _from_folder(root: Path, name: str, members: Sequence[str]) -> dict[str, bytes]:
    for member in members:
        if not (root / member).is_file():
            raise not_found(name, root, file=member)
    return {member: (root / member).read_bytes() for member in members}


def _from_archive(root: Path, folder: str, members: Sequence[str]) -> dict[str, bytes]:
    """Returns the content of the members; nothing is extracted, so no name in the archive reaches the disk."""
    wanted = {f"{folder}/{member}": member for member in members}
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(root) as tar:
            for entry in tar:
                member = wanted.get(entry.name.removeprefix("./"))
                file = tar.extractfile(entry) if member is not None and entry.isfile() else None
                if member is not None and file is not None:
                    contents[member] = file.read()
                if len(contents) == len(wanted):
                    break
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise InputError(f"{root} is not a whole tar archive: {error}. Get it again.") from error
    lacking = [member for member in members if member not in contents]
    if lacking:
        raise InputError(f"{root} lacks {folder}/{lacking[0]}; is it the archive of another data set?")
    return contents


def images_of(batch: dict[bytes, Any], where: str) -> np.ndarray:
    """Returns the images of one dictionary as [N, 32, 32, 3] uint8; stored are rows of three colour planes."""
    data = batch.get(b"data")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3 * SIDE**2:
        got = f"{data.dtype} {data.shape}" if isinstance(data, np.ndarray) else type(data).__name__
        raise InputError(f"{where}: entry 'data' is {got}; it must be uint8 of shape (N, {3 * SIDE**2}).")
    return np.ascontiguousarray(data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))


def labels_of(batch: dict[bytes, Any], key: str, num_classes: int, count: int, where: str) -> np.ndarray:
    """Returns the labels of one dictionary as [N] int32, checked for number and range."""
    labels = batch.get(key.encode())
    if not isinstance(labels, list) or not all(isinstance(label, int) for label in labels):
        raise InputError(f"{where}: entry {key!r} is not a list of integers.")
    if len(labels) != count:
        raise InputError(f"{where}: {len(labels)} labels for {count} images.")
    wrong = [row for row, label in enumerate(labels) if not 0 <= label < num_classes]
    if wrong:
        raise InputError(f"{where}: label {labels[wrong[0]]} in row {wrong[0]}; classes are 0..{num_classes - 1}.")
    return np.array(labels, dtype=np.int32)
