"""Is there room on the disk? Asked before a long run and before every checkpoint."""

import math
import os
import shutil
from pathlib import Path

from meta_noise.errors import InputError

SLACK = 2**17  # bytes that a file system needs beside the content: folders, small files, whole blocks


def check_space(folder: Path, needed: float, what: str, then: str) -> None:
    """Raises InputError unless `needed` bytes are free where `folder` is, or will be.

    Args:
        folder: existing or not.
        needed: bytes.
        what: what they are for, the beginning of a sentence.
        then: what to do once there is room, the end of one.
    """
    existing = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    usage = shutil.disk_usage(existing)
    if usage.total and usage.free < needed + SLACK:  # some file systems do not say how large they are
        raise InputError(
            f"{what} needs about {size(needed + SLACK)} in {folder}, and {size(usage.free)} are free there. Free some "
            f"space, {then}."
        )


def size(count: float) -> str:
    """Returns a number of bytes for people, such as 1.2 GiB."""
    power = min(int(math.log(max(count, 1), 1024)), 4)
    return f"{count / 1024**power:.3g} {('bytes', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"


def folder_size(folder: Path) -> int:
    """Returns the bytes of all files below a folder, 0 where there is none."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:  # gone in between
                continue
    return total
