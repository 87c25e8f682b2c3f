"""`queue`: tasks for other tools that come back as answers, and rows chosen by what cleanlab found."""

import csv
import json
import shutil

import pytest

import meta_noise
from meta_noise.cleaning.foreign_issues import with_issues
from meta_noise.data.answers import read_answers
from meta_noise.data.origin import read_origin
from meta_noise.data.own import read
from meta_noise.data.whole import read_whole
from meta_noise.errors import InputError
from meta_noise.report.labels import read_labels
from tests.own_runs import NAMES


def test_tasks_of_other_tools_come_back_as_answers(world, tmp_path):
    folder = meta_noise.queue(world.run, 12, tmp_path / "queue", tools=("label-studio", "argilla"))
    assert {path.name for path in folder.glob("[!.]*")} == {
        *("queue.csv", "queue.html", "label_studio.json", "label_studio.xml", "argilla.json")
    }
    tasks, records = (json.loads((folder / f"{name}.json").read_text()) for name in ("label_studio", "argilla"))
    assert [task["data"]["meta_noise_id"] for task in tasks] == [record["id"] for record in records]
    for task in tasks:  # a person answers with the truth
        answer = task["predictions"][0]["result"][0] | {
            "value": {"choices": [world.truth[task["data"]["meta_noise_id"]]]}
        }
        task["annotations"] = [{"result": [answer], "was_cancelled": False}]
    for record in records:
        record["responses"] = {"answer": [{"value": world.truth[record["id"]], "user_id": "someone"}]}
    own, root = read(world.data), read_origin(world.run).root
    for name, content in (("tasks.json", tasks), ("records.json", records)):
        (tmp_path / name).write_text(json.dumps(content))
        found = read_answers(tmp_path / name, own, (), root)
        assert {one.id: one.label for one in found} == {
            task["data"]["meta_noise_id"]: world.truth[task["data"]["meta_noise_id"]] for task in tasks
        }
        assert [one.why for one in found] == [task["data"]["why"] for task in tasks]
    with pytest.raises(InputError, match="label-studio"):
        meta_noise.queue(world.run, 3, tmp_path / "other", tools=("label studio",))


def frame(path, labels, world, numbers=False, **changed):
    """Writes a frame as cleanlab would, every tenth row an issue."""
    names = sorted(NAMES)
    rows = []
    for place, given in enumerate(row["label"] for row in world.rows):
        is_issue = place % 10 == 3
        predicted = names[(names.index(given) + 1) % 3] if is_issue else given
        if numbers:
            given, predicted = names.index(given), names.index(predicted)
        row = {"is_label_issue": is_issue, "label_quality": 0.01 * place if is_issue else 0.9}
        rows.append({"index": place, **row, "given_label": given, "predicted_label": predicted, **changed})
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("numbers", [False, True])
def test_what_cleanlab_found_takes_the_place_of_what_the_run_found(world, tmp_path, numbers):
    labels, whole = read_labels(world.run), read_whole(world.data, {})
    found = with_issues(labels, frame(tmp_path / "issues.csv", labels, world, numbers), whole)
    row = {identity: place for place, identity in enumerate(found["id"].to_pylist())}
    flags, suggested, given, quality = (
        found[name].to_pylist() for name in ("is_label_issue", "suggested_label", "given_label", "label_quality")
    )
    for place, identity in enumerate(world.ids):
        assert flags[row[identity]] == (place % 10 == 3)
        assert (suggested[row[identity]] != given[row[identity]]) == flags[row[identity]]
    assert quality[row[world.ids[13]]] == 0.13
    folder = meta_noise.queue(world.run, 40, tmp_path / "queue", issues=tmp_path / "issues.csv")
    with (folder / "queue.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    chance = {line["id"] for line in lines if line["why"] == "random"}
    wrong = {world.ids[place] for place in range(3, len(world.ids), 10)}
    asked = [line["id"] for line in lines if line["why"] == "suspicious"]
    assert len(chance) == 24 and wrong <= chance | set(asked) and asked and set(asked) <= wrong


def test_a_frame_of_other_data_is_one_sentence(world, tmp_path):
    labels, whole = read_labels(world.run), read_whole(world.data, {})
    for changed, sentence in (
        ({"given_label": NAMES[0]}, "given_label is .*in the data of the run"),
        ({"given_label": "parrot"}, "given_label 'parrot' is no class of this run"),
        ({"index": 60}, "index '60' is no row number of 0..59"),
        ({"label_quality": 1.5}, "numbers of 0..1"),
    ):
        with pytest.raises(InputError, match=sentence):
            with_issues(labels, frame(tmp_path / "issues.csv", labels, world, **changed), whole)
    with pytest.raises(InputError, match="is no frame of label issues"):
        with_issues(labels, world.data, whole)


def test_the_page_of_a_run_links_to_its_queue_and_the_run_stays_finished(world, tmp_path):
    run = shutil.copytree(world.run, tmp_path / "mine", symlinks=True)
    assert "queue/queue.html" not in (run / "report.html").read_text()
    meta_noise.queue(run, 3)
    assert 'href="queue/queue.html"' in (run / "report.html").read_text()
    digests = json.loads((run / "finished.json").read_text())
    assert "report.html" in json.dumps(digests)
    again = meta_noise.clean(world.data, run, method="mw_net", epochs=3)
    assert again.labels.equals(read_labels(run))
    with (run / "cleaned.csv").open(newline="") as file:
        cleaned = list(csv.DictReader(file))
    assert [row["id"] for row in cleaned] == world.ids and {row["label_source"] for row in cleaned} <= {
        "given",
        "suggested",
    }
