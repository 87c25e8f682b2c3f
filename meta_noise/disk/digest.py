"""SHA-256 of what lies on a disk."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file, of a folder that of the names and contents of its files, in hexadecimal."""
    if not path.is_dir():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    total = hashlib.sha256()
    for file in sorted(path.iterdir()):
        total.update(f"{file.name}\0{sha256_of(file)}\0".encode("utf-8", "backslashreplace"))
    return total.hexdigest()
