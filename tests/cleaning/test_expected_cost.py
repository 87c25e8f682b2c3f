"""What a training is expected to cost."""

import numpy as np

from meta_noise.cleaning.expected_cost import _part
from meta_noise.data.source import Source, row_ids


def test_rows_that_lie_together_by_class_leave_every_class_on_both_sides():
    labels = np.repeat([0, 1, 2], 10).astype(np.int32)
    part = _part(Source(np.zeros((30, 2)), labels, row_ids("row", 30), ("a", "b", "c")), 15)
    assert part.trusted.sum() == 15
    assert set(part.labels[part.trusted]) == set(part.labels[~part.trusted]) == {0, 1, 2}
    assert part.labels.dtype == np.int32 and part.inputs.shape == (30, 2)
