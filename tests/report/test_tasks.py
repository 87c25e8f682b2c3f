"""Rows of a queue as tasks of Label Studio and Argilla."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from meta_noise.data import foreign_answers
from meta_noise.report import tasks
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.queue import Shown
from meta_noise.report.queue_rows import Asked

NAMES = ["cat", '<b>"dog" & co']


@pytest.fixture
def queue():
    given = np.array([0, 1, 0])
    p = np.array([[0.1, 0.9], [0.2, 0.8], [0.6, 0.4]])
    labels = label_table(Evidence(["a", "=b", "c"], given, NAMES, p, p[np.arange(3), given]))
    asked = Asked(np.array([1, 0]), ["random", "suspicious"])
    return labels, asked, [Shown(text="hello <x>"), Shown(cells=[("size", "3"), ("form", "round")])]


def test_label_studio_tasks_hold_the_suggestion(queue):
    files = tasks.task_files("label-studio", *queue, "run1")
    first, second = json.loads(files["label_studio.json"])
    assert first["data"] == {
        "meta_noise_id": "=b",
        "meta_noise_run": "run1",
        "why": "random",
        "given_label": NAMES[1],
        "text": "hello <x>",
    }
    (prediction,) = first["predictions"]
    assert prediction["score"] == 0.8 and prediction["result"][0]["value"] == {"choices": [NAMES[1]]}
    assert second["data"]["text"] == "size: 3\nform: round"
    config = ElementTree.fromstring(files["label_studio.xml"])  # escaped
    (choices,) = config.findall("Choices")
    assert choices.get("name") == prediction["result"][0]["from_name"] == foreign_answers.ANSWER
    assert choices.get("toName") == prediction["result"][0]["to_name"] == config.find("Text").get("name")
    assert [choice.get("value") for choice in choices] == [*NAMES, foreign_answers.NONE_OF_THESE]


def test_a_class_name_may_hold_what_xml_may_not(queue):
    _, *rest = queue
    table = label_table(
        Evidence(["a", "=b", "c"], np.zeros(3, int), ["busi\nness\x1b", "dog"], np.eye(2)[[0, 0, 1]], np.ones(3))
    )
    config = ElementTree.fromstring(tasks.task_files("label-studio", table, *rest, "run1")["label_studio.xml"])
    assert config.find("Choices")[0].get("value") == "busi\nness\ufffd"


def test_pictures_are_shown_as_such(queue):
    labels, asked, _ = queue
    shown = [Shown(picture="data:image/png;base64,AA==")] * 2
    files = tasks.task_files("label-studio", labels, asked, shown, "run1")
    assert json.loads(files["label_studio.json"])[0]["data"]["image"].startswith("data:image/png")
    assert ElementTree.fromstring(files["label_studio.xml"]).find("Image").get("value") == "$image"


def test_argilla_records_hold_the_suggestion(queue):
    first, _ = json.loads(tasks.task_files("argilla", *queue, "run1")["argilla.json"])
    assert first["id"] == "=b" and first["fields"] == {"text": "hello <x>"} and first["responses"] == {}
    assert first["suggestions"]["answer"] == {"value": NAMES[1], "score": 0.8, "agent": "meta_noise"}


def test_both_ways_use_the_same_words():
    for name in ("ID", "RUN", "ANSWER", "NONE_OF_THESE"):
        assert getattr(tasks, name) == getattr(foreign_answers, name)
