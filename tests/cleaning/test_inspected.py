"""`meta_noise.inspect` from Python."""

import numpy as np
import pytest

import meta_noise
from meta_noise import InputError

EVIL = "<b>bee</b>"


def inspection():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    texts = [" ".join(rng.choice([["honey", "hive", "wing"], ["fur", "purr", "milk"]][one], 5)) for one in truth]
    given = np.where(rng.random(80) < 0.2, 1 - truth, truth)
    return meta_noise.inspect({"text": texts, "kind": np.array([EVIL, "cat"])[given]}, label="kind")


def test_what_is_told(tmp_path):
    found = inspection()
    assert found.found["data"]["rows"] == 80 and 0.05 < found.found["noise"]["rate"]["value"] < 0.4
    assert repr(found).startswith("<Inspection: Wrong labels: ") and len(repr(found)) < 200
    page = found._repr_html_()
    assert EVIL not in page and "&lt;b&gt;bee" in page and "probably" in page
    assert meta_noise.load_inspection(found.save(tmp_path / "found.json")) == found
    found.save(tmp_path / "found.json")


def test_files_that_are_no_inspection(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        meta_noise.load_inspection(tmp_path / "nothing.json")
    (tmp_path / "mine.json").write_text("{}")
    for use in (meta_noise.load_inspection, inspection().save):
        with pytest.raises(InputError, match="is no inspection"):
            use(tmp_path / "mine.json")
    assert (tmp_path / "mine.json").read_text() == "{}"
