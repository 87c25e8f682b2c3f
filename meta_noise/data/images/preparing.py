"""From a plan to a prepared directory: images read and tried in threads, written, read back and compared.

Beside the records lie `SPLIT.npz` with ids and labels, so that training need not read every image to know them, and
`prepared.json`, which is written last: counts, checksums, and what was left out.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress

from meta_noise.atomic import atomically
from meta_noise.data.formats.npz import write_npz
from meta_noise.data.images.builder import VERSION, Record, read_records, write_records
from meta_noise.data.images.crops import fault
from meta_noise.data.images.plan import Plan, Row, check_plan
from meta_noise.data.images.streamed import ahead
from meta_noise.disk.csv_lines import csv_line
from meta_noise.disk.owned import owned, remove_owned
from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError

MANIFEST = "prepared.json"
LEFT_OUT = "left_out.csv"
LEFT_OUT_SHARE = 0.001  # of all images, that may be damaged if nothing else is said


class Bad(NamedTuple):
    """An image that cannot be decoded: its split, id, and the reason."""

    split: str
    id: str
    reason: str


def prepare_images(plan: Plan, folder: Path, partial: bool, most_bad: int | None, console: Console) -> Path:
    """Writes a data set into `folder/NAME/VERSION` and returns that directory; it appears whole or not at all.

    Args:
        plan: what to prepare.
        folder: where prepared sets lie.
        partial: only a part of the published set is meant to be there.
        most_bad: how many images may be left out because they cannot be decoded; one in a thousand if None.
        console: where progress goes.

    Raises:
        InputError: the set is prepared already, images are absent, too many are damaged, or what was written is not
            what was read.
    """
    target = folder / plan.name / VERSION
    temporary = folder / f".{plan.name}.partial"
    if target.exists():
        _remove_left(temporary)
        raise InputError(f"{target} holds a prepared {plan.name} already. Remove it, or choose another --to.")
    check_plan(plan, partial)
    total = sum(map(len, plan.splits.values()))
    limit = max(int(LEFT_OUT_SHARE * total), 1) if most_bad is None else most_bad
    bad: list[Bad] = []
    try:
        with owned(temporary, "images", f"Move {temporary} away"):
            try:
                shutil.rmtree(temporary / "new", ignore_errors=True)  # of a preparation that was killed
                written = _written(plan, temporary / "new", bad, limit, console)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(written, target)
            finally:
                remove_owned(temporary, "images")
    except _TooManyError as error:
        _write_left_out(folder / f"{plan.name}_{LEFT_OUT}", bad)
        raise InputError(
            f"More than {limit} of {total:,} images of {plan.name} cannot be decoded, such as {bad[0].id} "
            f"({bad[0].reason}). All that were found are listed in {folder / f'{plan.name}_{LEFT_OUT}'}. Extract the "
            "archives again, or allow more with --most-bad."
        ) from error
    return target


def _remove_left(temporary: Path) -> None:
    """Removes what a preparation left that was killed when its result was in its place, unless somebody is in it."""
    if temporary.is_dir():
        with contextlib.suppress(InputError), owned(temporary, "images", "Move it away"):
            remove_owned(temporary, "images")


def _written(plan: Plan, folder: Path, bad: list[Bad], limit: int, console: Console) -> Path:
    """Writes the records and all that lies beside them, and returns the directory; `bad` receives damaged images."""
    digests = {split: Digest() for split in plan.splits}
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=sum(map(len, plan.splits.values())))

        def advance() -> None:
            progress.advance(task)

        splits = {
            split: _records(split, rows, digests[split], bad, limit, advance) for split, rows in plan.splits.items()
        }
        written = write_records(folder, plan.name, plan.class_names, splits)
        progress.reset(task, description="comparing")
        facts = {split: _compared(written, split, digest, advance) for split, digest in digests.items()}
    _write_left_out(written / LEFT_OUT, bad)
    _write_manifest(written / MANIFEST, plan, facts, bad)
    return written


class Digest:
    """A checksum over records in their order, and how many there are."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self.rows = 0

    def add(self, record: Record) -> None:
        """Takes in one record; every field counts."""
        for part in (record.image, repr(record[1:]).encode()):
            self._sha256.update(len(part).to_bytes(8, "little") + part)
        self.rows += 1

    def hex(self) -> str:
        """Returns the checksum."""
        return self._sha256.hexdigest()


class _TooManyError(Exception):
    """More images are damaged than are allowed."""


def _records(split: str, rows: list[Row], digest: Digest, bad: list[Bad], limit: int, advance: Any) -> Iterator[Record]:
    """Yields the records of a split, damaged images left out and noted in `bad`."""

    def load(number: int) -> tuple[bytes, str]:
        data = Path(rows[number].file).read_bytes()
        return data, fault(data)

    with ahead(load, 0, len(rows)) as loaded:
        for row, (data, reason) in zip(rows, loaded, strict=True):
            advance()
            if reason:
                bad.append(Bad(split, row.id, reason))
                if len(bad) > limit:
                    raise _TooManyError
                continue
            record = Record(data, digest.rows, row.id, row.label, row.true_label, row.verified)
            digest.add(record)
            yield record


def _compared(directory: Path, split: str, expected: Digest, advance: Any) -> dict[str, Any]:
    """Writes the columns of a split and returns its facts, after reading all of it back.

    Raises:
        InputError: a record is not the one that was written in its place, or there is none.
    """
    if not expected.rows:
        raise InputError(f"No image of the split {split!r} can be decoded; extract the archives again.")
    records, found = read_records(directory, split), Digest()
    columns: list[tuple[str, int, int, int]] = []
    with ahead(records, 0, len(records)) as stored:
        for record in stored:
            advance()
            found.add(record)
            columns.append((record.id, record.label, record.true_label, record.verified))
    if (found.rows, found.hex()) != (expected.rows, expected.hex()):
        raise InputError(
            f"What was written of the split {split!r} is not what was read ({found.rows:,} records of "
            f"{expected.rows:,}). The disk may be full or failing; nothing was kept."
        )
    ids, *numbers = zip(*columns, strict=True)
    label, true_label, verified = (np.array(column, np.int32) for column in numbers)
    arrays = {"ids": np.array(ids, np.str_), "labels": label, "true_labels": true_label, "verified": verified}
    write_npz(directory / f"{split}.npz", **arrays)
    counts = np.bincount(label).tolist()
    return {"rows": found.rows, "sha256": found.hex(), "columns_sha256": columns_sha256(arrays), "per_class": counts}


def columns_sha256(arrays: dict[str, np.ndarray]) -> str:
    """Returns the checksum of the columns of a split."""
    digest = hashlib.sha256()
    for key in sorted(arrays):
        text = "\n".join(map(str, arrays[key].tolist())).encode()
        digest.update(len(text).to_bytes(8, "little") + text)
    return digest.hexdigest()


def _write_left_out(path: Path, bad: list[Bad]) -> None:
    text = "".join(csv_line(line) + "\n" for line in (Bad._fields, *bad))
    with atomically(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))


def _write_manifest(path: Path, plan: Plan, facts: dict[str, dict[str, Any]], bad: list[Bad]) -> None:
    for split in facts:
        facts[split]["left_out"] = sum(each.split == split for each in bad)
    write_json(path, {"name": plan.name, "class_names": plan.class_names, "splits": facts, "notes": plan.notes})
