"""labels.parquet: one file, or of very many rows a folder of that name with several, a Parquet data set."""

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.atomic import atomically
from meta_noise.disk.sealed import DamageError
from meta_noise.disk.tables import check_seal, sealed

NAME = "labels.parquet"
ROWS = 20_000_000  # of a file at most
GROUP = 1_000_000  # rows of a row group
PARTS = b"parts"  # metadata key that says how many files there are


def write_parquet(folder: Path, table: pa.Table) -> None:
    """Writes the table into `folder`, whole or not at all; what had the name before is replaced."""
    path = folder / NAME
    if table.num_rows <= ROWS:
        if path.is_dir():
            shutil.rmtree(path)
        _write(path, table)
        return
    unfinished = folder / f".{NAME}.partial"
    shutil.rmtree(unfinished, ignore_errors=True)
    starts = range(0, table.num_rows, ROWS)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), PARTS: str(len(starts))})
    for number, start in enumerate(starts):
        _write(unfinished / f"part-{number:05d}.parquet", table.slice(start, ROWS))
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    os.replace(unfinished, path)


def _write(path: Path, table: pa.Table) -> None:
    with atomically(path) as file:
        pq.write_table(sealed(table), file, write_page_checksum=True, row_group_size=GROUP)


def read_parquet(path: Path) -> pa.Table:
    """Returns the table that `write_parquet` wrote, the files of a folder in their order.

    Raises:
        DamageError: a file is not as it was written, or one is missing; Arrow's errors otherwise.
    """
    if not path.is_dir():
        return _read(path)
    tables = [_read(one) for one in sorted(path.glob("part-*.parquet"))]
    count = int((tables[0].schema.metadata or {}).get(PARTS, 1)) if tables else 1
    if len(tables) != count:
        raise DamageError(f"{len(tables)} of its {count} files are there")
    kept = {key: value for key, value in tables[0].schema.metadata.items() if key != PARTS}
    return pa.concat_tables(table.replace_schema_metadata(kept) for table in tables)


def _read(path: Path) -> pa.Table:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        table = file.read()
    check_seal(table)
    return table
