"""Class by class, counted by hand."""

import json

import numpy as np

from meta_noise.report.classes import class_summary, per_class
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


def rows(lines, names=tuple("wxyz"), true=None):
    """Returns the label table of lines (given, suggested, quality)."""
    given, suggested, quality = (np.array(values) for values in zip(*lines, strict=True))
    evidence = Evidence(range(len(given)), given, names, np.eye(len(names))[suggested], quality)
    return label_table(evidence if true is None else evidence._replace(true=np.array(true)))


LINES = [
    (0, 1, 0.1), (0, 2, 0.1), (0, 2, 0.123456789), (0, 1, 0.9), (0, 1, 0.9), (0, 0, 0.1),  # x more often, z in issues
    (1, 1, 0.9), (1, 0, 0.2), (1, 0, 0.2), (1, 3, 0.2),
    (2, 3, 0.3),
]  # fmt: skip


def test_the_worst_classes_come_first():
    entries = per_class(rows(LINES))
    assert [(entry.name, entry.rows, entry.suspected, entry.instead) for entry in entries] == [
        ("y", 1, 1, "z"), ("x", 4, 3, "w"), ("w", 6, 3, "y"),
    ]  # fmt: skip
    equal = per_class(rows([(2, 0, 0.1), (1, 0, 0.1), (0, 0, 0.9)]))
    assert [entry.name for entry in equal] == ["x", "y", "w"]  # of equal shares in the order of the classes


def test_of_equally_frequent_suggestions_the_first_class_is_named():
    (entry,) = per_class(rows([(3, 2, 0.1), (3, 1, 0.1), (3, 0, 0.9)]))
    assert entry.instead == "x"


def test_wrong_labels_of_a_class():
    true = [1, 2, 0, 1, 0, -1, 1, 0, 4, 1, 3]  # of w rows 0, 1 and 3 are wrong, the first two are found
    entries = {entry.name: entry for entry in per_class(rows(LINES, true=true))}
    assert (entries["w"].wrong, entries["w"].found) == (3, 2 / 3)
    assert (entries["x"].wrong, entries["x"].found) == (2, 1.0)  # of no class at all is wrong, too
    assert (entries["y"].wrong, entries["y"].found) == (1, 1.0)
    nothing = per_class(rows([(0, 1, 0.1)], true=[0]))[0]
    assert (nothing.wrong, nothing.found) == (0, None)


def test_of_very_many_classes_there_is_no_matrix():
    names = tuple(f"c{number}" for number in range(201))
    found = class_summary(rows([(0, 1, 0.1), (200, 200, 0.9)], names=names), {})
    assert found["transition"] is None and len(found["classes"]) == 201
    assert found["classes"][0]["suggested_instead"] == "c1"


def test_numbers_of_classes_json():
    found = class_summary(rows(LINES), {})
    assert [entry["label_quality"] for entry in found["classes"]] == [0.370576, 0.375, 0.3, None]  # 2.223456789 / 6
    assert [entry["rows"] for entry in found["classes"]] == [6, 4, 1, 0]
    assert [entry["label_issues"] for entry in found["classes"]] == [3, 3, 1, 0]
    assert [entry["label_issue_rate"] for entry in found["classes"]] == [0.5, 0.75, 1.0, None]
    assert [entry["suggested_instead"] for entry in found["classes"]] == ["y", "w", "z", None]
    assert found["transition"] == [
        [0.333333, 0.666667, 0, 0], [0.75, 0.25, 0, 0], [1, 0, 0, 0], [0, 0.5, 0.5, 0],
    ]  # fmt: skip
    assert found["noise_rate"] == {
        "value": 9 / 11, "low": None, "high": None, "how": "suggestions that differ from given labels",
    }  # fmt: skip
