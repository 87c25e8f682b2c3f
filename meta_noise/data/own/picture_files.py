"""Where images are: files inside the data folder, or bytes in a column."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from meta_noise.data.own.table import Table, is_text, written

Picture: TypeAlias = Path | pa.Buffer


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
