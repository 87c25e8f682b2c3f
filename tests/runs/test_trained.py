"""A trained network from its folder: the same probabilities as in the run, and sentences for rows that do not fit."""

import csv
import json
import re
import shutil
import subprocess
import sys

import jax
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import meta_noise
from meta_noise import InputError, fit, load
from meta_noise.build.method import make_network
from meta_noise.cli.run import run as command
from meta_noise.config.schema import Model
from meta_noise.core.pair import twin
from meta_noise.data.new_rows import read_new
from meta_noise.data.reader import Reader
from meta_noise.disk.sealed import read_json, write_json
from meta_noise.runs.trained import save_model
from meta_noise.types import Learner
from tests.own_runs import NAMES, write_rows


def test_the_loaded_network_is_that_of_the_run(world):
    model = load(world.run)
    assert model.class_names == tuple(sorted(NAMES))
    labels = world.fitted.labels
    found = dict(zip(world.ids, model.predict(world.data), strict=True))
    assert [found[identity] for identity in labels["id"].to_pylist()] == labels["predicted_label"].to_pylist()
    probabilities = model.predict_proba(world.points)
    assert probabilities.dtype == np.float32 and probabilities.shape == (60, 3)
    np.testing.assert_array_equal(probabilities, model.predict_proba(world.data))
    np.testing.assert_array_equal(probabilities, world.fitted.predict_proba(world.data))
    columns = {"c": world.points[:, 2], "a": world.points[:, 0], "b": world.points[:, 1]}  # in another order
    np.testing.assert_allclose(model.predict_proba(columns), probabilities, atol=1e-6)


def test_a_table_of_everything_is_read_as_in_training(tmp_path):
    rng = np.random.default_rng(0)
    labels, colours = np.arange(60) % 2, np.array(["red", "blue", "green"])
    frame = {
        "size": [None if row % 9 == 0 else float(size) for row, size in enumerate(rng.normal(3 * labels, 1))],
        "colour": colours[np.where(rng.random(60) < 0.8, labels, 2)].tolist(),
        "day": [f"2024-0{1 + label}-1{row % 9}" for row, label in enumerate(labels)],
        "kind": ["ab"[label] for label in labels],
    }
    fitted = meta_noise.clean(frame, tmp_path / "run", label="kind", method="supervised", epochs=3)
    model = load(tmp_path / "run")
    np.testing.assert_array_equal(model.predict_proba(frame), fitted.predict_proba(frame))
    found = dict(zip(fitted.labels["id"].to_pylist(), fitted.labels["predicted_label"].to_pylist(), strict=True))
    names = [f"dictionary-{row:05d}" for row in range(60)]
    assert model.predict(frame).tolist() == [found[name] for name in names]
    new = {"colour": ["violet", None], "size": [None, 3.0], "day": [None, "2024-02-11"]}
    assert model.predict_proba(new).shape == (2, 2) and np.isfinite(model.predict_proba(new)).all()


def test_a_fitted_run_can_be_loaded(tmp_path):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (40, 8, 8, 1), dtype=np.uint8), np.arange(40) % 2
    settings = {"train": {"epochs": 1, "devices": 1}, "model": {"hidden": [8]}, "optimizer": {"ema": 0.9}}
    fitted = fit(images, labels, method="supervised", config=settings, workdir=tmp_path / "run")
    model = load(tmp_path / "run")
    np.testing.assert_allclose(model.predict_proba(images), fitted.predict_proba(images), atol=1e-6)
    np.testing.assert_array_equal(model.predict(images[..., 0] / 255), np.array(["0", "1"])[fitted.predict(images)])


def test_a_pair_of_networks_is_loaded_as_one_classifier(tmp_path):
    section, reader = Model("mlp", settings={"hidden": [4]}), Reader("features", (3,), "float32")
    single = make_network(section, 2)
    points = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    variables = twin(single).init(jax.random.key(0), np.stack([points, points]))
    mean, std = np.full(3, 0.5, np.float32), np.full(3, 2, np.float32)
    save_model(tmp_path, section, ("no", "yes"), reader, (mean, std), Learner(*variables, ()), 2)
    model = load(tmp_path)
    both = [single.apply(start, (points - 0.5) / 2, False)[0].logits for start in model.starts]
    assert np.abs(both[0] - both[1]).max() > 0.01
    np.testing.assert_allclose(model.predict_proba(points), jax.nn.softmax((both[0] + both[1]) / 2), atol=1e-6)


def test_texts_are_read_by_the_vocabulary_of_the_run(texts):
    run, rows = texts
    model = load(run)
    labels = pq.read_table(run / "labels.parquet").to_pydict()
    assert model.predict(rows).tolist() == labels["predicted_label"]
    assert model.predict(np.array(rows)).tolist() == labels["predicted_label"]
    assert model.predict_proba(["zebra", "apple"]).shape == (2, 2)  # a word it has never seen
    with pytest.raises(InputError, match="trained on texts"):
        model.predict(np.zeros((2, 3), np.float32))


def test_the_command_writes_csv_and_parquet(world, tmp_path, capsys):
    data, out = str(world.data), tmp_path / "found.csv"
    words = ["predict", str(world.run), data, "--probabilities", "--out"]
    assert command([*words, str(out)]) == 0 and "60 rows classified" in capsys.readouterr().out
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["id"] == "'=1+1" and rows[1]["id"] == world.ids[1]
    assert {row["predicted_label"] for row in rows} <= {"<b>x</b>", "'=y", "z"}
    assert abs(sum(float(rows[0][name]) for name in rows[0] if name.startswith("probability_")) - 1) < 1e-5
    assert command([*words, str(tmp_path / "found.parquet")]) == 0
    assert pq.read_table(tmp_path / "found.parquet")["id"].to_pylist() == world.ids
    capsys.readouterr()
    before = out.read_bytes()
    assert command([*words, str(out)]) == 2 and "is not overwritten" in capsys.readouterr().err
    assert out.read_bytes() == before


def test_the_command_reads_texts(texts, tmp_path, capsys):
    run, rows = texts
    data = write_rows(tmp_path / "new.csv", [{"id": str(n), "text": text} for n, text in enumerate(rows)])
    assert command(["predict", str(run), str(data), "--out", str(tmp_path / "found.parquet")]) == 0
    capsys.readouterr()
    found = pq.read_table(tmp_path / "found.parquet").to_pydict()
    assert found["predicted_label"] == load(run).predict(rows).tolist()


def test_bad_rows_are_named_or_left_out(world, tmp_path, capsys):
    data = write_rows(tmp_path / "new.csv", [*world.rows[:2], {**world.rows[2], "b": "much"}])
    words = ["predict", str(world.run), str(data), "--out", str(tmp_path / "found.csv")]
    assert command(words) == 2
    said = capsys.readouterr().err
    assert "new.csv, line 4: column 'b' holds 'much'" in said and "--skip-bad" in said
    assert command([*words, "--skip-bad"]) == 0
    said = capsys.readouterr().out
    assert "2 rows classified, 1 left out" in said and "line 4" in said


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("nowhere.csv", "does not exist"),
        ({"a": [1.0], "b": [2.0]}, "lacks 1 of the 3 columns that the network was trained on: c"),
        ({"a": [1.0], "b": [2.0], "c": ["much"]}, "No row of the dictionary can be used"),
        (np.zeros((2, 4)), r"rows of shape \(4,\); the network was trained on rows of shape \(3,\)"),
        (np.zeros((2, 8, 8, 3), np.uint8), "the network was trained on columns of a table"),
        (np.zeros(3), r"Give \[n, 3\]"),
        (np.full((1, 3), np.nan), "No row of the array can be used"),
        (["a text"], "A list of texts was given"),
        (object(), "cannot be read"),
    ],
)
def test_rows_of_another_kind_are_refused(world, new, sentence):
    with pytest.raises(InputError, match=sentence):
        load(world.run).predict(new)


def test_folders_that_hold_no_network(world, tmp_path):
    with pytest.raises(InputError, match="There is no run folder"):
        load(tmp_path / "nothing")
    with pytest.raises(InputError, match="is no run folder"):
        load(tmp_path)
    run = tmp_path / "run"
    shutil.copytree(world.run, run)
    about = read_json(run / "model.json")
    for change, sentence in (
        ({"format": 99}, "format: .*99"),
        ({"class_names": ["a", "b"]}, "its network wants"),
        ({"crc32": "00000000"}, "is not the file that"),
        ({"model": {"name": "antigravity.net"}}, "what a file names is not run"),
        ({"model": {"name": "pydoc.pipepager", "cmd": "touch here"}}, "what a file names is not run"),
        ({"model": {"name": "no_such_net"}}, "Choices"),
        ({"model": {"name": "mlp", "hidden": [10**12]}}, "too large for the weights"),
        ({"model": {"name": "mlp", "hidden": [4] * 1001}}, "1,001 entries"),
        ({"model": {"name": "mlp", "hidden": [4] * 900}}, "its network wants"),
        ({"model": {"name": "mlp", "hidden": "4"}}, "must be tuple"),
        ({"model": {"name": "mlp", "size": 4}}, "setting of model 'mlp'"),
        ({"model": ["mlp"]}, "model: expected `object`"),
        ({"reader": {}}, "is damaged"),
        ({"reader": {**about["reader"], "shape": [2**40]}}, "shape"),
        ({"mean": [float("1e300")] * 3}, "mean"),
        ({"mean": [0.0] * 2}, "mean has 2 entries"),
        ({"std": [1.0, 0.0, 1.0]}, "std"),
        ({"copies": 3}, "copies"),
        ({"more": 1}, "unknown field `more`"),
    ):
        write_json(run / "model.json", {**about, **change})
        with pytest.raises(InputError, match=sentence):
            load(run)
    (run / "model.json").write_text("[")
    with pytest.raises(InputError, match="is damaged"):
        load(run)
    (run / "model.json").unlink()
    with pytest.raises(InputError, match="has not finished"):
        load(run)


def test_images_are_brought_to_size_and_colour(tmp_path):
    reader = Reader("images", (8, 8, 3), "uint8")
    grey, rng = tmp_path / "grey.png", np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (16, 16), dtype=np.uint8)).save(grey)
    (tmp_path / "below").mkdir()
    Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(tmp_path / "below/colour.png")
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    new = read_new(tmp_path, reader)
    assert new.inputs.shape == (2, 8, 8, 3) and new.ids == ["below/colour.png", "broken.jpg", "grey.png"]
    assert list(new.bad) == [1] and new.rows.tolist() == [0, 2]
    assert read_new(grey, reader).inputs.shape == (1, 8, 8, 3)
    one = read_new(tmp_path, reader._replace(shape=(8, 8, 1)))
    assert list(one.bad) == [0, 1] and "in colour" in one.bad[0]
    with pytest.raises(InputError, match="trained on texts"):
        read_new(tmp_path, Reader("texts", (8,), "int32"))


def test_texts_beside_other_columns_are_found_again():
    frame = {"headline": ["some words of one", "more words of two"], "a": [1, 2], "b": [2.5, 1.5], "label": ["x", "y"]}
    assert read_new(frame, Reader("texts", (4,), "int32", words=("words",))).inputs.tolist() == [[1, 2, 1, 1]] * 2


def test_vectors_beside_a_file(tmp_path):
    reader = Reader("features", (3,), "float32", named={"features": "/old/vectors.npy"})
    np.save(tmp_path / "new.npy", np.ones((2, 3)))
    data = write_rows(tmp_path / "new.csv", [{"id": "a"}, {"id": "b"}])
    with pytest.raises(InputError, match="vectors from a file of their own"):
        read_new(data, reader)
    new = read_new(data, reader, features=str(tmp_path / "new.npy"))
    assert new.inputs.shape == (2, 3) and new.ids == ["a", "b"]
    assert read_new(tmp_path / "new.npy", reader).inputs.shape == (2, 3)


def test_the_exported_function_needs_jax_alone(world, tmp_path, capsys):
    out = tmp_path / "exported"
    assert command(["export", str(world.run), "--out", str(out)]) == 0
    capsys.readouterr()
    about = json.loads((out / "function.json").read_text())
    assert about["class_names"] == sorted(NAMES) and about["columns"] == ["a", "b", "c"]
    assert [encoder["form"] for encoder in about["encoders"]] == ["number"] * 3
    script = "\n".join(
        [
            *about["how_to_call"],
            "rows = numpy.load('rows.npy')",
            "import sys; assert not any(name.startswith(('meta_noise', 'flax', 'optax')) for name in sys.modules)",
            "numpy.save('found.npy', function.call(rows)); numpy.save('one.npy', function.call(rows[:1]))",
        ]
    )
    np.save(out / "rows.npy", world.points)
    (out / "call.py").write_text(script)
    subprocess.run([sys.executable, "call.py"], cwd=out, check=True, timeout=300)
    expected = load(world.run).predict_proba(world.points)
    np.testing.assert_allclose(np.load(out / "found.npy"), expected, atol=1e-6)
    np.testing.assert_allclose(np.load(out / "one.npy"), expected[:1], atol=1e-6)
    assert command(["export", str(world.run), "--out", str(out)]) == 2
    assert "is not overwritten" in capsys.readouterr().err


def test_exported_texts_come_with_their_words(texts, tmp_path):
    from meta_noise.runs.function import export_function

    run, rows = texts
    about = json.loads((export_function(run, tmp_path) / "function.json").read_text())
    assert about["inputs"]["dtype"] == "int32" and "apple" in about["words"] and "prepare" in about
    import re
    import unicodedata

    from jax import export

    number = {word: place for place, word in enumerate(about["words"], start=about["first_word"])}
    length = about["inputs"]["shape"][0]

    def tokens(text):
        words = re.findall(about["word"], unicodedata.normalize("NFC", text).lower())[:length]
        return [number.get(word, 1) for word in words] + [0] * (length - len(words))

    function = export.deserialize(bytearray((tmp_path / "function.jax").read_bytes()))
    found = function.call(np.array([tokens(text) for text in rows], np.int32))
    np.testing.assert_allclose(found, load(run).predict_proba(rows), atol=1e-6)
    assert meta_noise.load is load


def test_a_network_outside_the_library_is_taken_where_the_caller_allows_it(world, tmp_path, monkeypatch):
    (tmp_path / "own_net.py").write_text("from meta_noise.models.mlp import mlp as net\n")
    monkeypatch.syspath_prepend(tmp_path)
    run = shutil.copytree(world.run, tmp_path / "run")
    about = read_json(run / "model.json")
    write_json(run / "model.json", {**about, "model": {**about["model"], "name": "own_net.net"}})
    with pytest.raises(InputError, match="not part of this library"):
        load(run)
    assert "own_net" not in sys.modules
    with pytest.raises(InputError, match="not part of this library"):
        load(run, allow=("own_net.other", "os.system"))
    np.testing.assert_array_equal(
        load(run, allow=("own_net.net",)).predict(world.points), load(world.run).predict(world.points)
    )
    words = ["predict", str(run), str(world.data), "--out", str(tmp_path / "found.csv")]
    assert command(words) == 2 and command([*words, "--allow", "own_net.net"]) == 0


def test_probabilities_that_are_not_finite_are_no_rows(world, tmp_path, capsys):
    out, run = tmp_path / "found.csv", shutil.copytree(world.run, tmp_path / "run")
    write_json(run / "model.json", {**read_json(run / "model.json"), "std": [1e-38] * 3})
    assert command(["predict", str(run), str(world.data), "--out", str(out)]) == 2
    assert re.search(r"no finite probabilities for \d\d of 60 rows, such as row 0", capsys.readouterr().err)
    assert not out.exists()
