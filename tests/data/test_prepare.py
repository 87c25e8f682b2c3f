"""Training rows of each class are as many as the settings say, whatever the noise; clean rows stay balanced."""

import numpy as np

from meta_noise.build.defaults import resolved
from meta_noise.config.parse import parse
from meta_noise.data.prepare import prepare
from meta_noise.data.sources.arrays import arrays

LABELS = np.repeat(np.arange(3), 400)


def test_so_many_rows_of_each_class_train(tmp_path):
    source = arrays(np.zeros((1200, 2), np.float32), LABELS, true_labels=LABELS)
    config = {
        "data": {"name": "arrays", "class_rows": [5, 390, 20]},
        "noise": {"name": "uniform"},
        "clean": {"size": 30},
    }
    made = prepare(source, resolved(parse(config)), tmp_path)
    assert np.bincount(LABELS[made.splits.train]).tolist() == [5, 390, 20]
    assert np.bincount(LABELS[made.splits.clean]).tolist() == [10, 10, 10]
    assert not set(made.splits.train) & set(made.splits.clean) and made.noise["realised"] > 0.1
    other = prepare(source, resolved(parse({**config, "seed": 1})), tmp_path / "other")
    assert not np.array_equal(made.splits.train, other.splits.train)
