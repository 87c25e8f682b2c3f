"""Where images are: in a folder with one folder for each class, in files of the data folder, as bytes in a column."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from meta_noise.data.own.names import split_of
from meta_noise.data.own.table import Table, as_column, check_rows, is_text, written
from meta_noise.errors import InputError

Picture: TypeAlias = Path | pa.Buffer
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm")


def picture_files(table: Table, name: str) -> tuple[list[Picture | None], list[str], dict[int, str]]:
    """Returns where each image is, its path as written ("" where it has none), and what is wrong with the others.

    Args:
        table: the rows.
        name: a column of paths, of bytes, or of {bytes, path} as Hugging Face `datasets` writes.
    """
    column = table.columns[name]
    assert isinstance(column, pa.ChunkedArray)
    folders = [(folder, folder.resolve()) for folder in table.folders]
    pictures: list[Picture | None] = []
    paths: list[str] = []
    bad: dict[int, str] = {}
    for row, (packed, path) in enumerate(_contents(column)):
        found = packed if packed is not None else _located(path, folders)
        if isinstance(found, str):
            bad[row] = found
        pictures.append(None if isinstance(found, str) else found)
        paths.append(path)
    return pictures, paths, bad


def _contents(column: pa.ChunkedArray) -> Iterator[tuple[pa.Buffer | None, str]]:
    """Yields the bytes of each image, not copied, and its path; None and "" where it has none."""
    for chunk in column.chunks:
        if is_text(column):
            yield from ((None, written(path)) for path in chunk.to_pylist())
        elif pa.types.is_struct(chunk.type):
            fields = dict(zip((field.name for field in chunk.type), chunk.flatten(), strict=True))
            for packed, path in zip(fields["bytes"], fields["path"].to_pylist(), strict=True):
                yield packed.as_buffer(), written(path)
        else:
            yield from ((packed.as_buffer(), "") for packed in chunk)


def _located(path: str, folders: Sequence[tuple[Path, Path]]) -> Path | str:
    """Returns the file at a path that stays inside one of the folders, or why there is none."""
    if not path:
        return "there is no image"
    reason = f"image {path!r:.200} does not exist in {folders[0][0]}; correct the path, or say folder=... (--folder)"
    for folder, root in folders:
        for text in dict.fromkeys((path, path.replace("\\", "/"))):  # paths written on Windows
            try:
                file = (folder / text).resolve()
                if not file.is_relative_to(root):
                    reason = (
                        f"image path {path!r:.200} leaves the data folder {folder}; copy the image into it, or say "
                        "folder=... (--folder) for a folder that holds all images"
                    )
                elif file.is_file():
                    return file
            except (OSError, ValueError, RuntimeError) as error:  # too long, a zero byte, links in a circle
                reason = f"image path {path!r:.200} is none ({error!s:.100})"
    return reason


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
    _check_text(folder, (path for path, _, _ in rows))
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


def _check_text(folder: Path, paths: Iterable[str]) -> None:
    """Raises InputError where the name of a file or of its class is no text, so that no table can hold it."""
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise InputError(f"{path!r:.200} in {folder} is no name in UTF-8; rename it.") from error


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
