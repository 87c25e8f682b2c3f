"""Prepared image sets as data sets: labels in memory, images streamed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from meta_noise.data.formats.npz import read_npz
from meta_noise.data.formats.published import PARTS, check_part, not_found
from meta_noise.data.images.builder import VERSION, Records, read_records
from meta_noise.data.images.crops import Cut, check_cut, cut_out
from meta_noise.data.images.preparing import MANIFEST, columns_sha256
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.source import Source
from meta_noise.disk.sealed import DamageError, read_json, typed
from meta_noise.errors import InputError

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
COLUMNS = ("ids", "labels", "true_labels", "verified")


class Place(NamedTuple):
    """A prepared data set.

    Attributes:
        name: of the set, as `meta-noise prepare` knows it.
        path: the folder that was given to it as --to.
        advice: how to get what is to be prepared, without a full stop.
        options: of the command, beside --from and --to.
    """

    name: str
    path: str
    advice: str
    options: str = ""


class SplitFile(msgspec.Struct):
    """What is needed of a split in prepared.json."""

    sha256: str
    columns_sha256: str


class ManifestFile(msgspec.Struct):
    """What is needed of prepared.json."""

    name: str
    class_names: list[str]
    splits: dict[str, SplitFile]


def read_part(
    place: Place,
    part: str,
    splits: Mapping[str, Sequence[str]],
    cut: Cut,
    mean: Sequence[float],
    std: Sequence[float],
    trusted: bool = False,
    keep: bool = False,
) -> Source | None:
    """Returns the rows of a part, those of several splits one after the other.

    Args:
        place: where the set is.
        part: one of `splits`. If it is not "train" or "test" and was not prepared, None comes back.
        splits: the splits of each part.
        cut: how images are cut.
        mean, std: of the three channels, in fractions of 255, to normalise with.
        trusted: rows that people found right are trusted.
        keep: decode every image now and keep all in memory, as evaluation sees them.

    Raises:
        DataNotFoundError: the set is not there.
        InputError: settings that make no sense, a split that was not prepared, or a damaged file.
    """
    check_part(part, splits)
    check_cut(cut)
    if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
        raise InputError(f"mean and std are three numbers each, std above 0; got {tuple(mean)} and {tuple(std)}.")
    if keep and cut.crop != "middle":
        raise InputError(f"Images can be kept in memory only where the crop is 'middle', not {cut.crop!r}.")
    directory, manifest = _manifest_of(place)
    wanted, present = splits[part], manifest["splits"]
    if lacking := [split for split in wanted if split not in present]:
        if part not in PARTS:
            return None
        raise InputError(
            f"{directory} holds no split {lacking[0]!r}, only {', '.join(present)}; prepare {place.name} again into "
            "another folder, with that split."
        )
    columns = [_columns(directory, split, present[split]) for split in wanted]
    joined = {key: np.concatenate([column[key] for column in columns]) for key in COLUMNS}
    records = [read_records(directory, split) for split in wanted]
    digest = repr((cut, [present[split]["sha256"] for split in wanted]))
    images = _streamed(records, cut, digest, directory)
    is_right = joined["verified"] == 1
    true_labels = joined["true_labels"]
    return Source(
        images[np.arange(len(images))] if keep else images,
        joined["labels"],
        joined["ids"],
        tuple(manifest["class_names"]),
        true_labels if (true_labels >= 0).all() else None,
        is_right if trusted and part == "train" and is_right.any() else None,
        manifest["name"],
        (np.asarray(mean, np.float32), np.asarray(std, np.float32)),
    )


def _manifest_of(place: Place) -> tuple[Path, dict[str, Any]]:
    """Returns the prepared directory of a data set and its manifest."""
    name, directory = place.name, Path(place.path) / place.name / VERSION
    if not place.path or not (directory / MANIFEST).is_file():
        how = f"{place.advice}, prepare it with `meta-noise prepare {name} --from TREE{place.options} --to DIR`"
        raise not_found(name, place.path, how)
    try:
        manifest = read_json(directory / MANIFEST)
        typed(manifest, ManifestFile)
    except (OSError, DamageError) as error:
        raise InputError(f"{directory / MANIFEST} is damaged ({error}). Prepare {name} again.") from error
    return directory, manifest


def _columns(directory: Path, split: str, facts: dict[str, Any]) -> dict[str, np.ndarray]:
    """Returns ids and labels of a split after comparing their checksum."""
    path = directory / f"{split}.npz"
    columns = read_npz(path, COLUMNS, "list of a prepared split")
    if columns_sha256(columns) != facts["columns_sha256"]:
        raise InputError(f"{path} does not have the checksum in {MANIFEST}; it was changed. Prepare the set again.")
    return columns


def _streamed(records: Sequence[Records], cut: Cut, digest: str, directory: Path) -> Streamed:
    """Returns the images of several splits in a row."""
    starts = np.cumsum([0, *map(len, records)])

    def decode(number: int, rng: np.random.Generator | None, count: int) -> list[np.ndarray]:
        part = int(np.searchsorted(starts, number, side="right")) - 1
        place = number - int(starts[part])
        try:
            record = records[part](place)
            if record.index != place:
                raise ValueError(f"it is number {record.index}")
            return cut_out(record.image, cut, rng, count)
        except Exception as error:  # of damaged files TFDS and Pillow raise almost anything
            raise InputError(
                f"Record {place} of a split in {directory} cannot be read ({error!s:.200}); the files were changed "
                "since they were prepared. Prepare the set again."
            ) from error

    return Streamed(np.arange(starts[-1]), decode, (cut.size, cut.size, 3), digest)
