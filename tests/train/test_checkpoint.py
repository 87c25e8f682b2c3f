import errno
import logging
import os
import shutil
import signal
import subprocess
import sys
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import optax
import pytest

from meta_noise.errors import InputError
from meta_noise.train.checkpoint import Checkpoints


class Pair(NamedTuple):
    params: Any
    rest: Any


def make_tree(value=1.0):
    params = {"dense/0": {"kernel": jnp.full((3, 4), value, jnp.float32), "bias": jnp.arange(4.0) * value}}
    return Pair(params, (optax.adam(0.1).init(params), jnp.int32(value), None))


def shapes_of(tree):
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), tree)


def assert_same(one, two):
    assert jax.tree.structure(one) == jax.tree.structure(two)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
        assert a.dtype == b.dtype and type(a) is type(b)
        np.testing.assert_array_equal(a, b)


def restore(folder, like=None):
    with Checkpoints(folder) as checkpoints:
        return checkpoints.restore(shapes_of(make_tree()) if like is None else like)


@pytest.fixture
def folder(tmp_path):
    """A folder with the sound checkpoints 10 and 20."""
    with Checkpoints(tmp_path / "run") as checkpoints:
        for step in (10, 20):
            checkpoints.save(step, make_tree(step), {"step": step, "history": [{"loss": 0.1 + 0.2}]})
    return tmp_path / "run"


def test_comes_back_as_it_was(folder):
    found = restore(folder)
    assert (found.step, found.skipped) == (20, ())
    assert found.extra == {"step": 20, "history": [{"loss": 0.1 + 0.2}]}
    assert_same(found.tree, make_tree(20))


def test_no_checkpoint_is_none_and_makes_no_folder(tmp_path):
    assert restore(tmp_path / "new") is None
    with Checkpoints(tmp_path / "new") as checkpoints:
        assert checkpoints.latest_step() is None
    assert not (tmp_path / "new").exists()


def test_holds_any_kind_of_array(tmp_path):
    tree = {
        "host": np.arange(6, dtype=np.int8).reshape(2, 3).T,
        "half": jnp.array([1.5, -2], jnp.bfloat16),
        "flags": jnp.array([True, False]),
        "words": jnp.arange(3, dtype=jnp.uint32),
        "empty": jnp.zeros((0, 3)),
        "nan": jnp.array([jnp.nan, -0.0, jnp.inf]),
        "number": np.array(7),
    }
    with Checkpoints(tmp_path) as checkpoints:
        checkpoints.save(1, tree, {})
    found = restore(tmp_path, tree).tree
    assert_same(found, tree)
    assert found["half"].dtype == ml_dtypes.bfloat16
    assert np.signbit(found["nan"][1])


def test_is_placed_where_asked(folder):
    mesh = jax.make_mesh((8,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))
    sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    like = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=sharding), make_tree())
    found = restore(folder, like).tree
    assert all(x.sharding == sharding for x in jax.tree.leaves(found))
    with Checkpoints(folder) as checkpoints:
        checkpoints.save(30, found, {})
    assert_same(restore(folder).tree, make_tree(20))


def test_may_be_donated_or_changed_at_once(tmp_path):
    step = jax.jit(lambda x: jnp.tan(x) + 1, donate_argnums=0)
    device, host = jnp.arange(100_000.0), np.arange(100_000.0)
    with Checkpoints(tmp_path) as checkpoints:
        checkpoints.save(1, (device, host), {})
        for _ in range(5):
            device = step(device)
        host[:] = -1
    found = restore(tmp_path, (jnp.zeros(100_000), np.zeros(100_000))).tree
    np.testing.assert_array_equal(found[0], np.arange(100_000, dtype=np.float32))
    np.testing.assert_array_equal(found[1], np.arange(100_000.0))


def test_keeps_the_newest(tmp_path):
    with Checkpoints(tmp_path, keep=2) as checkpoints:
        for step in range(5):
            checkpoints.save(step, make_tree(step), {})
            assert checkpoints.latest_step() == step
    assert sorted(os.listdir(tmp_path)) == ["3", "4"]


def test_a_step_that_is_saved_stays(folder):
    with Checkpoints(folder) as checkpoints:
        checkpoints.restore(make_tree())
        checkpoints.save(20, make_tree(99), {})
    assert_same(restore(folder).tree, make_tree(20))


FILES = [
    "digests.json",
    "info/metadata",
    "tree/_METADATA",
    "tree/manifest.ocdbt",
    "tree/ocdbt.process_0/manifest.ocdbt",
]


def damage(path, how):
    if how == "removed":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        content = bytearray(path.read_bytes())
        for place in np.random.default_rng(0).integers(0, len(content), 3):
            content[place] ^= 16
        path.write_bytes(content)


@pytest.mark.parametrize("how", ["removed", "cut", "flipped"])
@pytest.mark.parametrize("name", [*FILES, "data"])
def test_damage_falls_back_to_the_older_one(folder, name, how, capfd):
    path = folder / "20" / name
    if name == "data":
        path = max((folder / "20" / "tree").rglob("d/*"), key=lambda path: path.stat().st_size)
    damage(path, how)
    with Checkpoints(folder) as checkpoints:
        found = checkpoints.restore(shapes_of(make_tree()))
        assert found.step == 10 == checkpoints.latest_step()
        assert_same(found.tree, make_tree(10))
        (reason,) = found.skipped
        assert reason.startswith("step 20: its file ") and "\n" not in reason
        assert (folder / "20").exists()
        checkpoints.save(20, make_tree(20), {"again": True})
    found = restore(folder)
    assert (found.step, found.extra, found.skipped) == (20, {"again": True}, ())
    assert_same(found.tree, make_tree(20))
    assert capfd.readouterr() == ("", "")


def test_changed_values_are_found_where_the_files_agree(folder, monkeypatch):
    """Bytes that changed before they were written: every file is as it was written, the array is not."""
    monkeypatch.setattr("meta_noise.train.checkpoint._check_files", lambda folder: None)
    original = Checkpoints._read

    def read(self, step, item, how):
        result = original(self, step, item, how)
        if step == 20 and item == "tree":
            result[".params['dense/0']['bias']"][1] += 1
        return result

    monkeypatch.setattr(Checkpoints, "_read", read)
    found = restore(folder)
    assert found.step == 10
    assert found.skipped == ("step 20: the values of .params['dense/0']['bias'] are not those that were saved",)


def test_damage_that_orbax_meets_is_damage(folder, monkeypatch):
    monkeypatch.setattr("meta_noise.train.checkpoint._check_files", lambda folder: None)
    shutil.rmtree(folder / "20" / "info")
    found = restore(folder)
    assert found.step == 10 and "its part 'info' cannot be read" in found.skipped[0]


def test_an_unreadable_description_of_an_older_one_is_no_obstacle(folder):
    (folder / "10" / "_CHECKPOINT_METADATA").write_text('{"unknown": 1, "custom_metadata": {}}')
    with Checkpoints(folder) as checkpoints:
        assert checkpoints.restore(make_tree()).step == 20
        checkpoints.save(30, make_tree(30), {})
    assert sorted(os.listdir(folder)) == ["20", "30"]


def test_all_damaged_is_said_and_nothing_is_deleted(folder):
    for step in ("10", "20"):
        damage(folder / step / "info" / "metadata", "cut")
    before = sorted(folder.rglob("*"))
    with pytest.raises(
        InputError, match=r"(?s)No checkpoint in .*run.*step 20: .*step 10: .*delete this folder to start"
    ):
        restore(folder)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tree: tree._replace(params={"dense/0": {"kernel": jnp.zeros((3, 5)), "bias": jnp.zeros(4)}}),
         r"'kernel'\] is float32\[3, 4\] there and float32\[3, 5\] here"),
        (lambda tree: tree._replace(params={"dense/1": tree.params["dense/0"]}),
         r"'dense/1'\]\['bias'\] is absent there and float32\[4\] here"),
        (lambda tree: tree._replace(rest=()), r"count is int32\[\] there and absent here"),
        (lambda tree: tree._replace(rest=(tree.rest[0], jnp.float32(0), None)), r"is int32\[\] there and float32\[\]"),
    ],
)  # fmt: skip
def test_another_tree_is_no_damage(folder, change, message):
    with pytest.raises(InputError, match="belong to another configuration: .*" + message):
        restore(folder, change(make_tree()))


def test_a_save_that_was_cut_short_is_invisible(folder):
    shutil.copytree(folder / "20", folder / "30.orbax-checkpoint-tmp")
    assert restore(folder).step == 20
    with Checkpoints(folder) as checkpoints:
        checkpoints.save(30, make_tree(30), {})
    assert sorted(os.listdir(folder)) == ["20", "30"]


def test_what_a_process_left_that_was_killed_while_removing_is_removed(folder):
    shutil.copytree(folder / "20", folder / "5")
    (folder / "5" / "digests.json").unlink()
    shutil.copytree(folder / "20", folder / "30")
    damage(folder / "30" / "digests.json", "cut")
    shutil.copytree(folder / "20", folder / "40.orbax-checkpoint-tmp")
    with Checkpoints(folder) as checkpoints:
        checkpoints.tidy(checkpoints.restore(make_tree()).step)
    assert sorted(os.listdir(folder)) == ["10", "20", "30"]


KILLED = """
import sys
import numpy as np
from meta_noise.train.checkpoint import Checkpoints
checkpoints = Checkpoints(sys.argv[1])
for step in range(100):
    tree = {"a": np.full(4_000_000, float(step)), "b": np.full(7, step)}
    print(step, flush=True)
    checkpoints.save(step, tree, {"step": step})
"""


def test_kill_while_saving(tmp_path):
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    with subprocess.Popen([sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.PIPE, env=environment) as process:
        for line in process.stdout:
            if int(line) == 3:  # 2 is being written
                process.send_signal(signal.SIGKILL)
                break
    found = restore(tmp_path, {"a": np.zeros(4_000_000), "b": np.zeros(7, int)})
    assert found.step in (1, 2, 3) and found.skipped == ()
    assert found.extra == {"step": found.step}
    assert (found.tree["a"] == found.step).all() and (found.tree["b"] == found.step).all()


class Failing:
    """Fails as Orbax does where the disk is full: by an OSError or by TensorStore's text."""

    def __init__(self, error):
        self.error = error

    def __call__(self, *args, **kwargs):
        raise self.error


FULL = [
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    ValueError("RESOURCE_EXHAUSTED: Failed to write 4587520 bytes: No space left on device [os_error_code='28']"),
]


@pytest.mark.parametrize("error", FULL)
@pytest.mark.parametrize("where", ["save", "wait_until_finished"])
def test_full_disk_is_one_sentence_and_older_ones_stay(folder, monkeypatch, error, where):
    with Checkpoints(folder) as checkpoints:
        checkpoints.restore(make_tree())
        with monkeypatch.context() as patch:
            patch.setattr(f"orbax.checkpoint.CheckpointManager.{where}", Failing(error))
            with pytest.raises(InputError, match=r"step 30 could not be written to .*run: No space left .* intact"):
                checkpoints.save(30, make_tree(30), {})
                checkpoints.wait()
        checkpoints.save(40, make_tree(40), {})
    assert restore(folder).step == 40


def test_full_disk_while_writing(folder, monkeypatch):
    """The failure happens in Orbax's thread, before the renaming; the temporary folder goes."""
    monkeypatch.setattr("meta_noise.train.checkpoint.sha256_of", Failing(FULL[0]))
    with pytest.raises(InputError, match="No space left"), Checkpoints(folder, keep=1) as checkpoints:
        checkpoints.save(30, make_tree(30), {})
    assert sorted(os.listdir(folder)) == ["10", "20"]


def test_the_error_that_ends_the_block_is_seen(folder, monkeypatch):
    monkeypatch.setattr("meta_noise.train.checkpoint.sha256_of", Failing(FULL[0]))
    with pytest.raises(KeyError, match="mine"), Checkpoints(folder) as checkpoints:
        checkpoints.save(30, make_tree(30), {})
        raise KeyError("mine")


def test_other_errors_of_a_save_are_not_hidden(folder, monkeypatch):
    monkeypatch.setattr("orbax.checkpoint.CheckpointManager.save", Failing(RuntimeError("a bug")))
    with Checkpoints(folder) as checkpoints, pytest.raises(RuntimeError, match="a bug"):
        checkpoints.save(30, make_tree(30), {})


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with Checkpoints(tmp_path / "file" / "run") as checkpoints, pytest.raises(InputError, match="could not be written"):
        checkpoints.save(1, make_tree(), {})


def test_extra_has_to_be_json(folder):
    with Checkpoints(folder) as checkpoints, pytest.raises(TypeError, match="JSON"):
        checkpoints.save(30, make_tree(), {"x": jnp.zeros(3)})
    assert restore(folder).step == 20


def test_leaves_the_logger_as_it_was(folder):
    before = list(logging.getLogger("absl").filters)
    restore(folder)
    assert logging.getLogger("absl").filters == before
