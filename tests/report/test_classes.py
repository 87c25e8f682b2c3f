"""Class by class, counted by hand."""

import json

import numpy as np

from meta_noise.report.classes import class_summary
from meta_noise.report.labels import Evidence, label_table
from tests.report.test_notices import FLAGS


def test_classes():
    given, suggested = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 1])
    quality = np.array([0.9, 0.7, 0.2, 0.8, 0.6, 0.1])
    table = label_table(Evidence(list("abcdef"), given, tuple("wxyz"), np.eye(4)[suggested], quality))
    found = class_summary(table, {})
    assert found["rows"] == 6 and found["class_names"] == list("wxyz") and found["flags"] is None
    assert found["transition"] == [[1, 0, 0, 0], [0.25, 0.5, 0.25, 0], None, None]
    assert found["noise_rate"]["value"] == 2 / 6 and found["noise_rate"]["low"] is None
    assert found["classes"][0] == {
        "name": "w", "rows": 3, "label_quality": 0.6, "label_issues": 1, "label_issue_rate": round(1 / 3, 6),
        "suggested_instead": "x",
    }  # fmt: skip
    assert found["classes"][3]["rows"] == 0 and found["classes"][3]["label_quality"] is None
    found = class_summary(table, {"flags": FLAGS})
    assert found["noise_rate"] == {**FLAGS["noise_rate"], "how": "from the trusted rows"} and found["flags"] == FLAGS
    assert json.loads(json.dumps(found)) == found
