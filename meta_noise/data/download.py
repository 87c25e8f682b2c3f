"""Fetches the published files of a data set: `python -m meta_noise.data.download NAME DIR`.

Every file is checked against its published SHA-256 before it takes its name, so a folder never holds a part of a
file or a wrong one. Files that are there already are left alone.
"""

import argparse
import hashlib
import http.client
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from meta_noise.atomic import atomically
from meta_noise.data.formats.published import CHECKSUMS
from meta_noise.errors import InputError, unknown_name
from meta_noise.terminal import open_console, say

SECONDS = 30
PIECE = 1 << 18


class PublishedFile(NamedTuple):
    """A published file: its `url`, size in `bytes`, and `sha256`; the file name is the end of the url."""

    url: str
    bytes: int
    sha256: str

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[1]


class DataSet(NamedTuple):
    """The `files` of a data set and a sentence about its `licence`."""

    files: tuple[PublishedFile, ...]
    licence: str


def _published(name: str, address: str, sizes: Mapping[str, int]) -> tuple[PublishedFile, ...]:
    return tuple(PublishedFile(f"{address}/{file}", size, CHECKSUMS[name][file]) for file, size in sizes.items())


CATALOGUE: dict[str, DataSet] = {
    "mnist": DataSet(
        _published(
            "mnist",
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            {
                "train-images-idx3-ubyte.gz": 9912422,
                "train-labels-idx1-ubyte.gz": 28881,
                "t10k-images-idx3-ubyte.gz": 1648877,
                "t10k-labels-idx1-ubyte.gz": 4542,
            },
        ),
        "MNIST (Y. LeCun, C. Cortes) is usually given as CC BY-SA 3.0.",
    ),
    "fashion_mnist": DataSet(
        _published(
            "fashion_mnist",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
            {
                "train-images-idx3-ubyte.gz": 26421880,
                "train-labels-idx1-ubyte.gz": 29515,
                "t10k-images-idx3-ubyte.gz": 4422102,
                "t10k-labels-idx1-ubyte.gz": 5148,
            },
        ),
        "Fashion-MNIST (Zalando SE): MIT licence.",
    ),
    "cifar10": DataSet(
        _published("cifar10", "https://www.cs.toronto.edu/~kriz", {"cifar-10-python.tar.gz": 170498071}),
        "CIFAR-10: its authors state no licence; cite Krizhevsky 2009, Learning Multiple Layers of Features.",
    ),
    "cifar100": DataSet(
        _published("cifar100", "https://www.cs.toronto.edu/~kriz", {"cifar-100-python.tar.gz": 169001437}),
        "CIFAR-100: its authors state no licence; cite Krizhevsky 2009, Learning Multiple Layers of Features.",
    ),
}


def download(name: str, folder: str, catalogue: Mapping[str, DataSet] = CATALOGUE) -> list[Path]:
    """Fetches the files of data set `name` into `folder` and returns their paths.

    Raises InputError where the name is unknown, a file of another content is in the way, the address cannot be
    reached, or what it sends is not the published file.
    """
    if name not in catalogue:
        raise unknown_name("data set to download", name, catalogue)
    console = open_console(of_errors=True)
    say(console, catalogue[name].licence)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console) as progress:
        return [_fetch(published, Path(folder) / published.file, progress) for published in catalogue[name].files]


def _fetch(published: PublishedFile, target: Path, progress: Progress) -> Path:
    """Fetches one file, or finds it already there."""
    task = progress.add_task(published.file, total=published.bytes)
    if target.exists():
        with open(target, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != published.sha256:
            raise InputError(
                f"{target} is there with other content (expected sha256 {published.sha256}, got {found}); "
                "nothing was overwritten. Move it away or choose another folder."
            )
        progress.update(task, completed=published.bytes, description=f"{published.file} (was there)")
        return target
    digest, received = hashlib.sha256(), 0
    with atomically(target) as file:
        for piece in _pieces(published.url, target.parent):
            digest.update(piece)
            received += len(piece)
            if received > published.bytes:
                break  # cannot be the published file any more, and may have no end
            file.write(piece)
            progress.update(task, advance=len(piece))
        if digest.hexdigest() != published.sha256:
            raise InputError(
                f"{published.url} did not send the published file: expected {published.bytes} bytes with sha256 "
                f"{published.sha256}, got {received} bytes with {digest.hexdigest()}. Nothing was kept; try again, "
                f"or get the file elsewhere and put it into {target.parent}."
            )
    return target


def _pieces(url: str, folder: Path) -> Iterator[bytes]:
    """Yields the content behind `url` piece by piece."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            while piece := answer.read(PIECE):
                yield piece
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise InputError(
            f"Cannot fetch {url}: {reason}. Check the network, or get the file elsewhere and put it into {folder}."
        ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0, or 2 after a sentence about what went wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m meta_noise.data.download", description="Fetch the published files of a data set."
    )
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(CATALOGUE)}")
    parser.add_argument("folder", metavar="DIR", help="where the files go; made if it does not exist")
    chosen = parser.parse_args(arguments)
    try:
        download(chosen.name, chosen.folder)
    except (InputError, OSError) as error:  # OSError: the folder cannot be written, the disk is full
        say(open_console(of_errors=True), f"error: {error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
