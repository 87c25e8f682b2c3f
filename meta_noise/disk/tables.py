"""Tables of ours (Parquet): sealed by a checksum in their schema, which covers names, types, cells and metadata."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.disk.sealed import DamageError

SEAL = b"sha256"


def sealed(table: pa.Table) -> pa.Table:
    """Returns the table with its checksum among the metadata of its schema."""
    return table.replace_schema_metadata({**(table.schema.metadata or {}), SEAL: digest(table).encode()})


def check_seal(table: pa.Table) -> None:
    """Raises DamageError unless a table is as it was sealed."""
    if (table.schema.metadata or {}).get(SEAL) != digest(table).encode():
        raise DamageError("its cells are not those that were written")


def digest(table: pa.Table) -> str:
    """Returns the SHA-256 of the columns and of the metadata but for the seal; numbers and strings only."""
    total = hashlib.sha256()
    for key, value in sorted((table.schema.metadata or {}).items()):
        if key != SEAL:
            _add(total, key, value)
    for name, column in zip(table.column_names, table.columns, strict=True):
        cells = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        _add(total, name.encode("utf-8", "backslashreplace"), str(cells.type).encode(), _missing(cells))
        _add(total, *(_strings(cells) if pa.types.is_string(cells.type) else (_numbers(cells),)))
    return total.hexdigest()


def _add(total, *parts: bytes) -> None:
    for part in parts:
        total.update(len(part).to_bytes(8, "little"))
        total.update(part)


def _missing(cells: pa.Array) -> bytes:
    return pc.is_null(cells).to_numpy(zero_copy_only=False).tobytes()


def _numbers(cells: pa.Array) -> bytes:
    zero = pa.scalar(False if pa.types.is_boolean(cells.type) else 0, cells.type)
    return cells.fill_null(zero).to_numpy(zero_copy_only=False).tobytes()


def _strings(cells: pa.Array) -> tuple[bytes, bytes]:
    """Returns the lengths of strings, and all of them one after the other."""
    plain = cells.fill_null("").cast(pa.large_binary())
    starts = np.frombuffer(plain.buffers()[1], np.int64)[plain.offset : plain.offset + len(plain) + 1]
    text = plain.buffers()[2]
    joined = b"" if text is None else text.to_pybytes()[starts[0] : starts[-1]]
    return np.diff(starts).tobytes(), joined
