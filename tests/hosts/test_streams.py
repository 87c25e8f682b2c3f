"""Each process decodes its own rows: images of a step are read once, by the process whose devices hold them."""

import collections

import pytest

from tests.hosts.processes import CONFIG, config_in, trained
from tests.hosts.test_training import same

pytestmark = pytest.mark.slow
SOURCE = """
import jax
import numpy as np

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.source import Source


def rows(path="", part="train"):
    count = 64 if part == "train" else 24
    labels = (np.arange(count) % 4).astype(np.int32)

    def decode(number, rng, parts):
        with open(f"{path}/{jax.process_count()}-{jax.process_index()}", "a") as file:
            file.write(f"{part if rng is None else 'step'} {number}\\n")
        image = np.full((8, 8, 3), 60 * labels[number], np.uint8)
        noise = [0 if rng is None else rng.integers(0, 9, size=image.shape, dtype=np.uint8) for _ in range(parts)]
        return [image + one for one in noise]

    ids = np.array([f"{part}{number}" for number in range(count)])
    images = Streamed(np.arange(count), decode, (8, 8, 3), part)
    return Source(images, labels, ids, ("a", "b", "c", "d"), true_labels=labels)
"""


def read(folder, name):
    """Returns how often a process decoded each row, by the purpose."""
    return collections.Counter((folder / name).read_text().splitlines())


def test_rows_are_decoded_where_they_are_needed(tmp_path):
    (tmp_path / "my_rows.py").write_text(SOURCE)
    data = {"name": "my_rows.rows", "path": str(tmp_path)}
    text = CONFIG.replace('{"name": "digits", "limit": 150}', str(data)).replace('"size": 20', '"size": 16')
    config = f"--config={config_in(tmp_path, text)}"
    two = trained(2, config, f"--workdir={tmp_path / 'two'}", path=tmp_path)
    one = trained(1, config, f"--workdir={tmp_path / 'one'}", path=tmp_path, devices=2)
    assert [found.code for found in (*two, *one)] == [0, 0, 0], two + one
    same(tmp_path / "one", tmp_path / "two")
    parts, whole = [read(tmp_path, f"2-{number}") for number in range(2)], read(tmp_path, "1-0")
    tests = {line: number for line, number in whole.items() if line.startswith("test")}
    assert len(tests) == 24 and all(parts[0][line] + parts[1][line] == number for line, number in tests.items())
    steps = [sum(number for line, number in part.items() if line.startswith("step")) for part in (*parts, whole)]
    assert steps[0] > 0 and steps[1] > 0
    assert steps[0] + steps[1] <= 1.1 * steps[2]  # what is read ahead at the end differs
