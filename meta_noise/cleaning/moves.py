"""A folder of images with corrected labels: which image belongs where, and a copy in which it is there."""

import csv
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from meta_noise.data.origin import read_origin
from meta_noise.data.own.picture_files import read_image_folder
from meta_noise.data.own.table import cells, written
from meta_noise.data.whole import Whole
from meta_noise.disk.csv_lines import csv_line
from meta_noise.errors import InputError
from meta_noise.report.files import damaged, existing

MOVES = "moves.csv"


def is_image_folder(data: Any, whole: Whole) -> bool:
    """Returns whether data are a folder with one folder of images for each class."""
    return whole.table.is_made and isinstance(data, str | Path) and Path(data).is_dir()


def moves_csv(whole: Whole, labels: Iterable[str], source: Iterable[str]) -> bytes:
    """Returns the content of moves.csv: `from` and `to` within the folder, `to` empty for an image of no class.

    Args:
        whole: an image folder.
        labels: N classes that the images have now.
        source: N words, see `meta_noise.cleaning.corrected.ADDED`.
    """
    paths = [written(path) for path in cells(whole.table.columns["image"])]
    depth = 1 if "split" in whole.table.columns else 0
    folder_of = {label: PurePosixPath(path).parts[depth] for path, label in zip(paths, whole.labels, strict=True)}
    taken = set(paths)
    lines = [("from", "to")]
    for path, before, now, why in zip(paths, whole.labels, labels, source, strict=True):
        if why == "bad":
            lines.append((path, ""))
        elif now != before:
            target = _free(path, depth, folder_of.get(now, now), taken)
            taken.add(target)
            lines.append((path, target))
    return "".join(csv_line(line) + "\n" for line in lines).encode("utf-8", "surrogateescape")


def _free(path: str, depth: int, folder: str, taken: set[str]) -> str:
    """Returns the path in another class folder, with the old class in its name where there is such a file."""
    parts = list(PurePosixPath(path).parts)
    old, parts[depth] = parts[depth], folder
    target = PurePosixPath(*parts)
    wanted, number = target, 1
    while str(target) in taken:
        name = f"{wanted.stem} from {old}" + (f" {number}" if number > 1 else "")
        target, number = wanted.with_name(name + wanted.suffix), number + 1
    return str(target)


def check_copy(run_data: Any, target: Path) -> None:
    """Raises InputError where the data are no image folder, or the target of a corrected copy is not free."""
    if not isinstance(run_data, str | Path) or not Path(run_data).is_dir():
        raise InputError(
            f"--copy-to copies folders of images, and {run_data} is none; the run folder has the "
            "corrected rows in cleaned.*."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} exists and is not empty, so nothing is copied there. Give another --copy-to.")
    if target.resolve().is_relative_to(Path(run_data).resolve()):
        raise InputError(f"{target} lies in {run_data}, which would be copied into itself. Give another --copy-to.")


def copy_corrected(run: str | Path, target: str | Path) -> int:
    """Returns how many images were copied into a new folder, each where `moves.csv` of a run says that it belongs.

    The images of the data stay where they are; those that somebody called bad are left out of the copy. The folder
    appears when all is there.

    Args:
        run: folder of a run of `meta_noise.clean` or `ingest` on a folder of images.
        target: a folder that is not there yet, or empty.

    Raises:
        InputError: the data are no folder of images, are gone, or the target is not free.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> import meta_noise
    >>> folder, rng = Path(tempfile.mkdtemp()), np.random.default_rng(0)
    >>> for row in range(60):
    ...     shades, place = rng.integers(0, 60, (8, 8, 3)).astype(np.uint8), folder / "photos" / "xyz"[row % 3]
    ...     shades[..., row % 3] += 150
    ...     place.mkdir(parents=True, exist_ok=True)
    ...     Image.fromarray(shades).save(place / f"{row}.png")
    ...
    >>> fitted = meta_noise.clean(folder / "photos", folder / "run", epochs=1)
    >>> meta_noise.copy_corrected(folder / "run", folder / "corrected")
    60
    """
    run, target = Path(run), Path(target)
    data = read_origin(run).data
    check_copy(data, target)
    source = Path(str(data))
    with existing(run, MOVES).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        moves = {row["from"]: row["to"] for row in csv.DictReader(file)}
    paths = [written(path) for path in cells(read_image_folder(source).columns["image"])]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as partial:
        copied = 0
        for path in paths:
            to = moves.get(path, path)
            if to and (source / path).exists():  # a link may lead nowhere
                place = Path(partial) / "copy" / to
                if Path(to).is_absolute() or ".." in Path(to).parts:
                    raise damaged(run / MOVES, f"{to!r:.80} leaves the folder")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / path, place)
                copied += 1
        if target.exists():
            target.rmdir()
        (Path(partial) / "copy").rename(target)
    return copied
