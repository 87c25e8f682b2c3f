"""Writing a file as a whole or not at all."""

import contextlib
import glob
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PARTIAL = re.compile(r"\.(.+)\.[0-9a-f]{8}\.partial")  # names of files that are being written, or were


@contextlib.contextmanager
def atomically(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Opens a temporary file beside `path` that takes its name when the block ends without an error.

    A reader sees the old file or the new one, never a part of it. After an error the old file is untouched and
    the temporary one is gone; that of a process that was killed goes when the same file is written again. A link is
    replaced, not followed. Missing parent folders are made.

    Raises:
        OSError: the disk refuses; `filename` is `path`.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_dead(path)
        temporary, file = _opened(path)
        try:
            with file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                if fcntl is None:
                    file.close()
                os.replace(temporary, path)  # still open, so that the lock on it is held
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        is_ours = error.filename is None or PARTIAL.fullmatch(os.path.basename(os.fsdecode(error.filename)))
        if error.errno is not None and is_ours:
            error.filename = str(path)
        raise


def locked(descriptor: int) -> bool:
    """Locks an open file for this process, and says whether that went; the kernel unlocks it when it is closed.

    Raises:
        OSError: the file system has no locks.
    """
    if fcntl is None:
        raise OSError("this system has no file locks")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_if_dead(path: Path) -> None:
    """Removes a temporary file unless the process that writes it is alive; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            if locked(descriptor):
                path.unlink()
        finally:
            os.close(descriptor)


def _remove_dead(path: Path) -> None:
    for other in path.parent.glob(f".{glob.escape(path.name)}.????????.partial"):
        if PARTIAL.fullmatch(other.name):
            remove_if_dead(other)


def _opened(path: Path) -> tuple[Path, BinaryIO]:
    """Returns a new temporary file and its name, locked where the file system has locks."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
        file = open(temporary, "xb")  # noqa: SIM115 (it is closed by the caller)
        try:
            if locked(file.fileno()) and temporary.exists():
                return temporary, file
        except OSError:
            return temporary, file
        file.close()  # another process took it for a dead one between the two lines above
