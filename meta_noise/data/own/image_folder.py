"""An image folder with one folder for each class, as a table of paths."""

import os
from pathlib import Path

import numpy as np

from meta_noise.data.own.flags import split_of
from meta_noise.data.own.table import Table, as_column, check_rows
from meta_noise.errors import InputError

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm")


def read_image_folder(folder: Path) -> Table:
    """Returns the table of `folder/CLASS/.../image`, or of `folder/train/CLASS/...` and the like for every split.

    The columns are `image` (the path within the folder, with slashes), `label` and, where there are splits, `split`;
    sorted by path. Hidden files are nothing; folders that are links are followed only within `folder`.

    Raises:
        InputError: there is no class folder with images.
    """
    tops = _folders(folder)
    has_splits = bool(tops) and all(split_of(path.name) for path in tops)
    roots = [(path.name, path) for path in tops] if has_splits else [("", folder)]
    rows, others, empty = [], 0, []
    for split, root in roots:
        for klass in _folders(root):
            images, rest = _images(klass)
            others += rest
            rows += [(path.relative_to(folder).as_posix(), klass.name, split) for path in images]
            empty += [] if images else [klass.name]
    tables = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in (".csv", ".tsv", ".jsonl"))
    if not rows or (tables and len({label for _, label, _ in rows}) == 1):
        advice = f" To use the table in it, give {folder / tables[0]}." if tables else ""
        raise InputError(
            f"{folder} holds no folder with images for each class ({folder}/cat/1.jpg), and no Parquet or Arrow "
            f"files.{advice}"
        )
    check_rows(len(rows), str(folder))
    paths, labels, splits = zip(*rows, strict=True)
    columns = {"image": as_column(np.array(paths)), "label": as_column(np.array(labels))}
    if has_splits:
        columns["split"] = as_column(np.array(splits))
    notes = [f"Each of the {len(set(labels))} folders in {folder.name} with images is a class."]
    if others:
        notes.append(f"Files left out, as their ending is not that of an image: {others:,}.")
    if empty:
        notes.append(f"No image in folder {', '.join(sorted(set(empty)))}.")
    loose = sum(path.suffix.lower() in IMAGE_ENDINGS for _, root in roots for path in root.iterdir() if path.is_file())
    if loose:
        notes.append(f"Images left out, as they lie in no class folder: {loose:,}.")
    return Table(columns, len(rows), folder.name, (folder,), notes=tuple(notes), is_made=True)


def _folders(folder: Path) -> list[Path]:
    """Returns the folders in a folder, sorted, hidden ones and links that leave it left out."""
    root = folder.resolve()
    found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted(path for path in found if not path.is_symlink() or path.resolve().is_relative_to(root))


def _images(folder: Path) -> tuple[list[Path], int]:
    """Returns the images anywhere below a folder, sorted, and how many other files there are."""
    images, others = [], 0
    for place, _, names in os.walk(folder):
        for name in names:
            if name.startswith("."):
                continue
            if name.lower().endswith(IMAGE_ENDINGS):
                images.append(Path(place, name))
            else:
                others += 1
    return sorted(images), others
