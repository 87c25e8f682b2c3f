"""Checkpoints that appear whole or not at all and are checked when read; the one module that uses Orbax.

Orbax writes into a temporary folder and renames it, so a killed process leaves no half checkpoint. But it restores
changed bytes without an error. So every checkpoint lists the digests of its files, to find damage before Orbax reads
them, and the checksums of its arrays, taken before Orbax wrote them.
"""

import contextlib
import json
import math
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import jax
import msgspec
import numpy as np
import orbax.checkpoint as ocp
from msgspec import Meta

from meta_noise.disk.digest import sha256_of
from meta_noise.disk.limits import refusal
from meta_noise.disk.sealed import DamageError, typed
from meta_noise.disk.space import check_space, folder_size
from meta_noise.errors import InputError
from meta_noise.hosts import exchange
from meta_noise.train import orbax_noise
from meta_noise.train.checksums import Part, described, is_described
from meta_noise.types import PyTree

DIGESTS = "digests.json"
UNFINISHED = ".orbax-checkpoint-tmp*"  # Orbax's names of folders that are not renamed yet
AGAIN = "then run the same command again: it resumes"


class LeafFile(msgspec.Struct, forbid_unknown_fields=True):
    """An array of a checkpoint, as the file beside the arrays tells of it; `parts` where hosts wrote one each."""

    shape: list[Annotated[int, Meta(ge=0)]]
    dtype: str
    crc32: int = 0
    parts: list[Part] = []


class InfoFile(msgspec.Struct, forbid_unknown_fields=True):
    """What lies beside the arrays of a checkpoint."""

    extra: dict[str, Any]
    leaves: dict[str, LeafFile]


class Restored(NamedTuple):
    """A checkpoint that was read.

    Attributes:
        step: the step it was saved at.
        tree: what was saved, placed as asked for.
        extra: what was saved, after a trip through JSON.
        skipped: one sentence per newer checkpoint that is damaged.
    """

    step: int
    tree: PyTree
    extra: dict[str, Any]
    skipped: tuple[str, ...]


class Checkpoints:
    """The newest `keep` checkpoints of one run, in `folder`; close them, or use a `with` block.

    Reading changes nothing on disk. Saving removes what a killed process left unfinished, the checkpoints that
    `restore` found damaged, and, once the new one is whole, the oldest.
    """

    def __init__(self, folder: str | os.PathLike[str], keep: int = 2):
        self._folder = Path(folder).absolute()
        self._keep = keep
        self._manager: ocp.CheckpointManager | None = None
        self._own: ocp.CheckpointManager | None = None  # that of one process among several, to read
        self._has_failed = False
        self._writing: int | None = None  # step of the save in the background
        self._sound: set[int] = set()  # steps written or read by this object
        self._damaged: set[int] = set()  # steps that `restore` could not read

    def __enter__(self) -> "Checkpoints":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        ignored = (InputError,) if error else ()  # the error that ends the block is the one to see
        with contextlib.suppress(*ignored):
            self.close()

    def close(self) -> None:
        """Waits for the last save and lets go of the folder."""
        self.wait()
        if self._manager is not None:
            self._manager.close()
            self._manager = None
        if self._own is not None:
            self._own.close()
            self._own = None
        if not self._has_failed:  # else threads of Orbax may still tell of it
            orbax_noise.speak()

    def latest_step(self) -> int | None:
        """Returns the step of the newest checkpoint on disk that is not known to be damaged, None without any."""
        self.wait()
        return max(set(self._steps()) - self._damaged, default=None)

    def check_space(self, like: PyTree, others: int) -> None:
        """Raises InputError where the disk has no room for the checkpoints of such trees and `others` more bytes.

        There is one checkpoint more than are kept while the newest is written.
        """
        size = sum(math.prod(leaf.shape) * np.dtype(leaf.dtype).itemsize for leaf in jax.tree.leaves(like))
        more = max((self._keep + 1) * size - folder_size(self._folder), size) + others
        check_space(self._folder, more, "The rest of this run", "or choose another place for the run")

    def save(self, step: int, tree: PyTree, extra: Mapping[str, Any]) -> None:
        """Saves a checkpoint in the background; a step that this object wrote or restored is left as it is.

        Args:
            step: what the checkpoint is called.
            tree: arrays on the host or on devices. They are copied before this returns, so they may be donated.
            extra: anything that JSON holds.

        Raises:
            InputError: the disk is full or refuses, for this checkpoint or the previous one. Older ones are intact.
        """
        self.wait()
        if step in self._sound:
            return
        arrays = {name: _on_host(leaf) for name, leaf in _named_leaves(tree)}
        leaves = described(arrays)
        info = json.loads(json.dumps({"extra": extra, "leaves": leaves}))  # a copy, too
        stored = {name: array for name, array in arrays.items() if array.size}  # Orbax refuses empty arrays
        self._writing = step
        with self._saving():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._remove_unfinished()
            size = sum(array.nbytes for array in arrays.values())
            check_space(self._folder, size, f"The checkpoint of step {step}", AGAIN)
            self._delete([old for old in self._steps() if old in self._damaged or old == step])
            self._damaged.clear()
            items = ocp.args.Composite(tree=ocp.args.StandardSave(stored), info=ocp.args.JsonSave(info))
            self._open().save(step, args=items, force=True)

    def wait(self) -> None:
        """Returns when the last save is on disk.

        Raises:
            InputError: the disk is full or refuses.
        """
        if self._writing is not None:
            with self._saving():
                while exchange.count() > 1 and self._open().is_saving_in_progress():
                    self._raise_failed()
                    time.sleep(0.02)
                self._open().wait_until_finished()
            self._sound.add(self._writing)
            self._writing = None

    def check(self) -> None:
        """Raises InputError where the disk has refused the save in the background, without waiting for its end."""
        if self._writing is not None:
            with self._saving():
                self._raise_failed()

    def _raise_failed(self) -> None:
        if exchange.count() > 1 and (error := orbax_noise.background_error()) is not None:
            raise error

    def restore(self, like: PyTree) -> Restored | None:
        """Returns the newest checkpoint that is not damaged, or None if there is none at all.

        Args:
            like: the tree to restore; its leaves are jax.ShapeDtypeStruct (with or without a sharding) or arrays.
                Where they are NumPy arrays, NumPy arrays come back.

        Raises:
            InputError: every checkpoint is damaged, or the newest sound one holds another tree.
        """
        self.wait()
        skipped = []
        for step in json.loads(exchange.firsts("the checkpoints", json.dumps(sorted(self._steps(), reverse=True)))):
            damage = ""
            try:
                _check_files(self._folder / str(step))
                info = self._read(step, "info", ocp.args.JsonRestore())
                _check_info(info)
                self._check_tree(like, info["leaves"])
                arrays = self._read_arrays(step, info["leaves"])
            except _DamageError as error:
                damage = str(error)
            found = exchange.firsts("the damage of a checkpoint", damage)
            if found:
                self._damaged.add(step)
                skipped.append(f"step {step}: {found}")
                continue
            if damage:
                raise InputError(
                    f"The checkpoint of step {step} in {self._folder} is sound where process 0 runs, and cannot be "
                    f"read here: {damage}. Look at the file system that the hosts share."
                )
            self._sound.add(step)
            leaves = [_place(arrays[name], leaf) for name, leaf in _named_leaves(like)]
            return Restored(step, jax.tree.unflatten(jax.tree.structure(like), leaves), info["extra"], tuple(skipped))
        if not skipped:
            return None
        raise InputError(
            f"No checkpoint in {self._folder} can be read ({'; '.join(skipped)}). Nothing was deleted: put back an "
            "intact copy, or delete this folder to start over."
        )

    def tidy(self, step: int) -> None:
        """Removes what a killed process left: saves that were not finished, and checkpoints older than those kept.

        Args:
            step: of the checkpoint that was restored. Newer ones, which are damaged, stay until the next is saved.
        """
        self._remove_unfinished()
        if exchange.is_first():
            for old in sorted(old for old in self._steps() if old < step)[: -(self._keep - 1) or None]:
                shutil.rmtree(self._folder / str(old), ignore_errors=True)

    def _read_arrays(self, step: int, leaves: Mapping[str, Any]) -> dict[str, np.ndarray]:
        arrays = self._read(step, "tree", ocp.args.StandardRestore())
        for name, about in leaves.items():
            if 0 in about["shape"]:
                arrays[name] = np.zeros(about["shape"], about["dtype"])
            if name not in arrays or not is_described(arrays[name], about):
                raise _DamageError(f"the values of {name} are not those that were saved")
        return arrays

    def _read(self, step: int, item: str, how: ocp.args.CheckpointArgs) -> Any:
        try:
            return self._reader().restore(step, args=ocp.args.Composite(**{item: how}))[item]
        except MemoryError:
            raise
        except Exception as error:  # damage has many faces in Orbax, a bare Exception among them
            reason = (str(error) or type(error).__name__).splitlines()[0][:160]
            raise _DamageError(f"its part {item!r} cannot be read: {reason}") from error

    def _check_tree(self, like: PyTree, leaves: Mapping[str, Any]) -> None:
        expected = {name: f"{leaf.dtype}{list(leaf.shape)}" for name, leaf in _named_leaves(like)}
        found = {name: f"{described['dtype']}{described['shape']}" for name, described in leaves.items()}
        for name in {**expected, **found}:
            if expected.get(name) != found.get(name):
                raise InputError(
                    f"The checkpoints in {self._folder} belong to another configuration: {name} is "
                    f"{found.get(name, 'absent')} there and {expected.get(name, 'absent')} here. Use another workdir, "
                    "or the configuration that this one was started with."
                )

    def _delete(self, steps: list[int]) -> None:
        """Deletes checkpoints, the same ones in all processes, after all have seen them."""
        doomed = json.loads(exchange.firsts("the checkpoints to delete", json.dumps(steps)))
        if doomed:
            self._open().all_steps()
            exchange.meet("the deletion of checkpoints")
        for step in doomed:
            self._open().delete(step)

    def _steps(self) -> list[int]:
        if not self._folder.is_dir():
            return []
        # Not Orbax's own list: it fails as a whole where the description of one checkpoint is damaged.
        return [int(path.name) for path in self._folder.iterdir() if path.name.isdecimal() and path.is_dir()]

    def _open(self) -> ocp.CheckpointManager:
        if self._manager is None:
            options = ocp.CheckpointManagerOptions(
                max_to_keep=self._keep,
                create=False,
                lightweight_initialize=True,
                async_options=ocp.AsyncOptions(post_finalization_callback=self._write_digests),
            )
            self._manager = ocp.CheckpointManager(self._folder, options=options, item_names=("tree", "info"))
            orbax_noise.hush()
        return self._manager

    def _reader(self) -> ocp.CheckpointManager:
        """Returns what reads in this process alone: where one finds damage, none waits for it."""
        if exchange.count() == 1:
            return self._open()
        if self._own is None:
            here = exchange.index()
            alone = ocp.options.MultiprocessingOptions(
                primary_host=here, active_processes={here}, barrier_sync_key_prefix=f"reader{here}"
            )
            options = ocp.CheckpointManagerOptions(create=False, read_only=True, multiprocessing_options=alone)
            self._own = ocp.CheckpointManager(self._folder, options=options, item_names=("tree", "info"))
        return self._own

    def _write_digests(self) -> None:
        """Lists the digests of the new checkpoint's files; Orbax calls it when all are written, before it renames."""
        (folder,) = self._folder.glob(f"{self._writing}{UNFINISHED}")
        paths = sorted(path for item in ("tree", "info") for path in (folder / item).rglob("*") if path.is_file())
        digests = {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}
        (folder / DIGESTS).write_text(json.dumps(digests, indent=1), encoding="utf-8")

    def _remove_unfinished(self) -> None:
        if exchange.is_first():
            for path in self._folder.glob(f"*{UNFINISHED}"):
                shutil.rmtree(path, ignore_errors=True)

    @contextlib.contextmanager
    def _saving(self) -> Iterator[None]:
        """Answers a full disk with one sentence; after any error the next save starts afresh."""
        try:
            yield
        except Exception as error:
            step, self._writing, self._has_failed = self._writing, None, True
            if self._manager is not None:
                with contextlib.suppress(Exception):  # it raises the same error again
                    if exchange.count() == 1:  # else it would wait for the others, which are about to end
                        self._manager.close()
                self._manager = None
            self._remove_unfinished()
            if isinstance(error, InputError) or (found := refusal(error)) is None:
                raise
            reason, remedy = found
            raise InputError(
                f"The checkpoint of step {step} could not be written to {self._folder}: {reason}. Older checkpoints "
                f"are intact; {remedy}, then run the same command again: it resumes."
            ) from error


class _DamageError(Exception):
    """What is wrong with one checkpoint, as the end of a sentence."""


def _named_leaves(tree: PyTree) -> list[tuple[str, Any]]:
    return [(jax.tree_util.keystr(path), leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(tree)]


def _on_host(leaf: Any) -> Any:
    """Returns a copy of an array on the host; one of which each host holds a part stays where it is."""
    if isinstance(leaf, jax.Array) and not (leaf.is_fully_addressable or leaf.is_fully_replicated):
        return leaf
    return np.array(leaf, order="C")


def _place(array: np.ndarray, like: Any) -> Any:
    if isinstance(like, np.ndarray):
        return array
    sharding = getattr(like, "sharding", None)
    if sharding is None or sharding.is_fully_addressable:
        return jax.device_put(array, sharding)
    return jax.make_array_from_callback(array.shape, sharding, lambda part: array[part])


def _check_info(info: Any) -> None:
    try:
        typed(info, InfoFile)
    except DamageError as error:
        raise _DamageError(f"its part 'info' is not what is written there: {error}") from error


def _check_files(folder: Path) -> None:
    try:
        digests = msgspec.json.decode((folder / DIGESTS).read_bytes(), type=dict[str, str])
    except (OSError, ValueError, RecursionError):
        raise _DamageError(f"its file {DIGESTS} is missing or unreadable") from None
    for name, digest in digests.items():
        try:
            intact = sha256_of(folder / name) == digest
        except OSError as error:
            raise _DamageError(f"its file {name} cannot be read ({error.strerror})") from error
        if not intact:
            raise _DamageError(f"its file {name} is not as it was written")
