"""A folder of what was found about labels that no network was trained for: tables, the corrected file, and the rest as
JSON; nothing as pickle."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.atomic import atomically
from meta_noise.disk.owned import owned
from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError
from meta_noise.report.files import existing, read_object


def save(
    folder: str | Path, kind: str, about: str, tables: Mapping[str, pa.Table], found: Any, worst: Sequence
) -> Path:
    """Writes what was found into a folder, which it returns.

    Args:
        folder: where to.
        kind: of what is in it.
        about: name of the JSON file.
        tables: by the names of their files.
        found: has `results`, and `name` and `corrected`, the name and the content of the corrected file.
        worst: what is shown first, as lists.

    Raises:
        InputError: the folder holds something else.
    """
    folder = Path(folder)
    with owned(folder, kind, "Choose another folder"):
        for name, table in tables.items():
            with atomically(folder / name) as file:
                pq.write_table(table, file)
        with atomically(folder / found.name) as file:
            file.write(found.corrected)
        write_json(folder / about, {"results": found.results, "name": found.name, "worst": worst})
    return folder


@contextlib.contextmanager
def saved(folder: str | Path, about: str) -> Iterator[dict[str, Any]]:
    """Gives `results`, `worst`, `name` and `corrected` of a folder that `save` wrote, to be read on in the block.

    Raises:
        InputError: it is no such folder, or a file is damaged, also where the block finds that out.
    """
    folder = Path(folder)
    found = read_object(existing(folder, about))
    try:
        name = Path(str(found["name"])).name
        parts = {"results": found["results"], "worst": found["worst"], "name": name}
        yield {**parts, "corrected": (folder / name).read_bytes()}
    except (KeyError, TypeError, ValueError, OSError, pa.ArrowException) as error:
        raise InputError(f"{folder} is damaged: {error}. Save it anew.") from None
