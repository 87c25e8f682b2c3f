"""Before the first step: do all processes train the same, with the same code, in the same folder?"""

import contextlib
import functools
import hashlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from meta_noise.atomic import atomically
from meta_noise.errors import InputError
from meta_noise.hosts import exchange

TOKEN = ".meta_noise.hosts"  # the file that process 0 writes into the folder that all share
VISIBLE = 30.0  # seconds that a file may need to be seen on all hosts


def _both(theirs: str, mine: str) -> str:
    return f"{mine:.16} here, {theirs:.16} there"


def check_same(what: str, mine: str, advice: str, shown: Callable[[str, str], str] = _both) -> None:
    """Raises InputError in a process that says something else than process 0 does.

    Args:
        what: the name of what has to be the same.
        mine: what this process has, such as a sha256.
        advice: what to do, a sentence.
        shown: `(that of process 0, mine) -> words`, what differs.
    """
    theirs = exchange.firsts(f"the {what}", mine)
    if theirs != mine:
        raise InputError(f"The {what} here is not that of process 0: {shown(theirs, mine)}. {advice}")


@functools.cache
def code_digest() -> str:
    """Returns the SHA-256 of the source code of this package."""
    root, total = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def check_shared(folder: Path) -> None:
    """Raises InputError in a process that does not see in `folder` the file that process 0 writes there."""
    if exchange.count() == 1:
        return
    path, token = folder / TOKEN, exchange.firsts("the token of the folder", secrets.token_hex(16))
    if exchange.is_first():
        with atomically(path) as file:
            file.write(token.encode())
    exchange.meet("the file in the folder")
    seen = exchange.is_first() or _appears(path, token, VISIBLE)
    answers = exchange.everybodys("the folder", "seen" if seen else "")
    if exchange.is_first():
        path.unlink(missing_ok=True)
    if not seen:
        raise InputError(
            f"What process 0 writes into {folder.absolute()} is not seen here (waited {VISIBLE:.0f} s). --workdir has "
            "to be on a file system that all hosts share, such as NFS or Lustre, under the same name."
        )
    if not all(answers):
        exchange.meet("the end of one that does not see the folder")


def _appears(path: Path, token: str, seconds: float) -> bool:
    """Says whether a file with this content is there within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            path.parent.stat()
            if path.read_bytes()[:100] == token.encode():
                return True
        time.sleep(0.2)
    return False
