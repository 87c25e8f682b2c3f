"""Folders of ours: a marker, written first, says that we made a folder; in no other folder is anything changed.

`.meta_noise.json` holds the version of its form, what the folder is for, and a random id. A folder that is empty, or
holds nothing but what a process left that was killed before its marker was there, becomes ours. Any other folder is
refused and left as it is. While a folder is open it is locked (`meta_noise.disk.lock`), so what killed processes left
in it can be removed.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from meta_noise.atomic import PARTIAL
from meta_noise.disk.lock import LOCK, alone_in
from meta_noise.disk.sealed import DamageError, read_json, typed, write_json
from meta_noise.errors import InputError

MARKER = ".meta_noise.json"
FORMAT = 1


class Marker(msgspec.Struct, forbid_unknown_fields=True):
    """What a marker says: `format`, `kind` ("run", "queue", "function", "folds", "images"), `id` (random)."""

    format: Literal[1]
    kind: str
    id: str


@contextlib.contextmanager
def owned(folder: str | os.PathLike[str], kind: str, instead: str) -> Iterator[str]:
    """Makes a folder ours, or finds that it is, and locks it for the block.

    Gives a sentence for the user where the file system has no locks, else "".

    Args:
        folder: the folder; it and its parents are made where they are lacking.
        kind: what it is for, as its marker says.
        instead: what to do where it cannot be used, such as "Choose another --out".

    Raises:
        InputError: it is not ours, or for something else; it is in use; it holds a link to write through; it cannot be
            written. Nothing in it has been changed.
    """
    folder = Path(folder)
    check_free(folder, kind, instead)
    with contextlib.ExitStack() as opened:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            note = opened.enter_context(alone_in(folder))
            check_free(folder, kind, instead)  # again: another process may have been here in between
            _check_links(folder, instead)
            if not (folder / MARKER).exists():
                write_json(folder / MARKER, {"format": FORMAT, "kind": kind, "id": secrets.token_hex(16)})
            _remove_left(folder)
        except PermissionError as error:
            raise InputError(f"Cannot write the folder {folder}: {error.strerror}. {instead}.") from error
        yield note


def is_ours(folder: Path, kind: str) -> bool:
    """Says whether a folder has a sound marker of this kind."""
    try:
        return typed(read_json(folder / MARKER), Marker).kind == kind
    except (OSError, DamageError):
        return False


def remove_owned(folder: Path, kind: str) -> None:
    """Removes a folder of ours with all that is in it, if it is one of this kind; the marker goes last.

    What a kill in between leaves is a folder of ours still, or one that `owned` takes for a new one.
    """
    if folder.is_symlink() or not is_ours(folder, kind):
        return
    for entry in folder.iterdir():
        if entry.name not in (MARKER, LOCK):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    for name in (MARKER, LOCK):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another process has just begun to make it its own
        folder.rmdir()


def check_free(folder: Path, kind: str, instead: str) -> None:
    """Raises InputError where a folder is neither ours nor free; looks only."""
    if "\0" in str(folder):
        raise InputError(f"{str(folder)!r} holds a zero byte, which no name can have. {instead}.")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder. {instead}.")
    if not folder.is_dir():
        return
    marker = folder / MARKER
    if not marker.exists() and not marker.is_symlink():
        if others := [entry.name for entry in folder.iterdir() if not _is_start(entry)]:
            raise InputError(
                f"{folder} is not empty and was not made by meta_noise (it holds {min(others)!r:.60}, and no "
                f"{MARKER}); nothing in it was changed. {instead}."
            )
        return
    try:
        if marker.is_symlink():
            raise DamageError("it is a link")
        found = typed(read_json(marker), Marker)
    except (OSError, DamageError) as error:
        raise InputError(f"{marker} is damaged ({error}), so nothing in {folder} was changed. {instead}.") from error
    if found.kind != kind:
        raise InputError(f"{folder} was made for another use ({found.kind:.20}, not {kind}). {instead}.")


def _is_start(entry: Path) -> bool:
    """Says whether an entry may be what a process left that was killed before the marker was there."""
    match = PARTIAL.fullmatch(entry.name)
    is_known = entry.name == LOCK or (match is not None and match[1] == MARKER)
    return is_known and entry.is_file() and not entry.is_symlink()


def _check_links(folder: Path, instead: str) -> None:
    """Raises InputError where a folder of ours holds a link: a later write could go through it to a file outside."""
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if os.path.islink(path := os.path.join(place, name)):
                raise InputError(
                    f"{path} is a link, and nothing is written through links. Put what it leads to in its place, or "
                    f"remove it. {instead}."
                )


def _remove_left(folder: Path) -> None:
    """Removes what killed processes left of files that they were writing."""
    for entry in folder.iterdir():
        if PARTIAL.fullmatch(entry.name) and entry.is_file():
            entry.unlink()
