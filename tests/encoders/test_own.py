"""Own texts and images by an encoder: inspect, clean, predict, queue and ingest, and what is said when it is wrong."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

import meta_noise
from meta_noise.cli.run import run
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own import read
from meta_noise.encoders import own as room
from meta_noise.encoders.encoder import Encoder, opened
from meta_noise.encoders.own import fitted_to, in_blocks, with_encoder
from meta_noise.errors import InputError
from tests.encoders.folders import as_sentence_encoder, image_folder, text_folder, write_json
from tests.own_runs import write_rows

QUICK = ["--method", "supervised", "--epochs", "2"]
SILENT = Console(quiet=True)


def text_rows(count=60):
    """Returns rows of texts of three classes with words of their own; every sixth label is wrong."""
    rng = np.random.default_rng(0)
    truth = np.arange(count) % 3
    given = np.where(np.arange(count) % 6 == 0, (truth + 1) % 3, truth)
    texts = [" ".join(f"w{word}" for word in rng.integers(8 * k, 8 * k + 10, rng.integers(3, 25))) for k in truth]
    return [{"id": f"r{n}", "text": texts[n], "label": "abc"[given[n]]} for n in range(count)]


class Texts:
    """A folder with `texts.csv`, an encoder, and a run on them."""

    def __init__(self, folder):
        self.folder, self.data = folder, write_rows(folder / "texts.csv", text_rows())
        self.encoder = as_sentence_encoder(text_folder(folder / "encoder"), {"pooling_mode": "mean"}, "Normalize")
        self.run = folder / "run"
        assert run(["clean", str(self.data), "--encoder", str(self.encoder), "--out", str(self.run), *QUICK]) == 0


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return Texts(tmp_path_factory.mktemp("encoded"))


def failed(capsys, *command):
    """Returns the sentence of a command that ends with exit code 2."""
    capsys.readouterr()
    assert run([str(word) for word in command]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said
    return said


def predicted(path):
    with path.open(newline="") as file:
        return [row["predicted_label"] for row in csv.DictReader(file)]


def test_predict_uses_the_encoder_of_the_run(texts, tmp_path):
    out, again = tmp_path / "a.csv", tmp_path / "b.csv"
    assert run(["predict", str(texts.run), str(texts.data), "--out", str(out)]) == 0
    moved = shutil.copytree(texts.encoder, tmp_path / "moved")
    assert run(["predict", str(texts.run), str(texts.data), "--out", str(again), "--encoder", str(moved)]) == 0
    trained = meta_noise.load(texts.run)
    rows = [row["text"] for row in text_rows()]
    assert predicted(out) == predicted(again) == trained.predict(rows).tolist()
    vectors = opened(texts.encoder).vectors(rows)
    np.testing.assert_allclose(trained.predict_proba(rows), trained.function(vectors), rtol=1e-4, atol=1e-5)
    assert trained.reader.kind == "features" and trained.reader.shape == (8,)


def test_the_run_says_which_encoder(texts, tmp_path):
    reader = json.loads((texts.run / "model.json").read_text())["reader"]
    by = reader["encoded_by"]
    assert by["kind"] == "texts" and by["path"] == str(texts.encoder)
    assert by["sha256"] == opened(texts.encoder).sha256
    assert run(["export", str(texts.run), "--out", str(tmp_path / "function")]) == 0
    about = json.loads((tmp_path / "function" / "function.json").read_text())
    assert about["encoder"] == by and "Vectors that `encoder` gives for texts" in about["prepare"]


def test_an_encoder_that_moved_or_changed_is_asked_for(texts, tmp_path, capsys):
    run_folder = shutil.copytree(texts.run, tmp_path / "run")
    other = shutil.copytree(texts.encoder, tmp_path / "other")
    write_json(other / "1_Pooling" / "config.json", {"pooling_mode": "max"})
    out = tmp_path / "out.csv"
    said = failed(capsys, "predict", run_folder, texts.data, "--out", out, "--encoder", other)
    assert "is not the one that the run was made with, or its files have changed since" in said
    texts.encoder.rename(tmp_path / "gone")
    try:
        said = failed(capsys, "predict", run_folder, texts.data, "--out", out)
    finally:
        (tmp_path / "gone").rename(texts.encoder)
    assert f"no longer at {texts.encoder}; say where that folder is by --encoder" in said
    assert not out.exists()


@pytest.mark.slow
def test_rounds_keep_the_encoder(texts, tmp_path):
    assert run(["queue", str(texts.run), "--n", "8", "--out", str(tmp_path / "queue")]) == 0
    with (tmp_path / "queue" / "queue.csv").open(newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert "w1" in (tmp_path / "queue" / "queue.html").read_text()
    answers = write_rows(tmp_path / "a.csv", [{"id": one, "answer": "abc"[int(one[1:]) % 3]} for one in ids])
    moved = shutil.copytree(texts.encoder, tmp_path / "moved")
    command = ["ingest", str(texts.run), str(answers), "--out", str(tmp_path / "second"), "--epochs", "2"]
    assert run([*command, "--encoder", str(moved)]) == 0
    by = json.loads((tmp_path / "second" / "model.json").read_text())["reader"]["encoded_by"]
    assert by["path"] == str(moved)


def test_vectors_are_computed_once(texts, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("META_NOISE_CACHE", str(tmp_path / "cache"))
    command = ["inspect", str(texts.data), "--encoder", str(texts.encoder), "--no-cost", "--no-cache"]
    monkeypatch.setattr(room, "TEXTS", 25)
    assert run(command) == 0
    assert not (tmp_path / "cache").exists() and "Encoded: 60 rows, in" in capsys.readouterr().out
    own, encoder = read(texts.data), opened(texts.encoder)
    calls = []
    counted = encoder._replace(vectors=lambda rows: calls.append(len(rows)) or encoder.vectors(rows))
    first = with_encoder(own, counted, SILENT)
    assert calls == [25, 25, 10] and len(list((tmp_path / "cache" / "encoded").iterdir())) == 3
    second = with_encoder(own, counted, SILENT)
    assert len(calls) == 3 and second.source.sha256() == first.source.sha256()
    np.testing.assert_array_equal(first.source.inputs, second.source.inputs)
    next((tmp_path / "cache" / "encoded").iterdir()).unlink()
    with_encoder(own, counted, SILENT)
    assert len(calls) == 4  # only the block that is gone


def test_rounding_does_not_change_which_data_they_are(texts):
    own, encoder = read(texts.data), opened(texts.encoder)
    rounded = encoder._replace(vectors=lambda rows: encoder.vectors(rows) + np.float32(1e-7))
    first, second = (with_encoder(own, each, SILENT).source.sha256() for each in (encoder, rounded))
    assert first == second
    changed = encoder._replace(sha256="other")
    assert with_encoder(own, changed, SILENT).source.sha256() != first


def test_held_out_rows_are_encoded_too(texts, tmp_path):
    rows = [{**row, "split": "test" if place % 4 == 3 else "train"} for place, row in enumerate(text_rows())]
    own = with_encoder(read(write_rows(tmp_path / "t.csv", rows)), opened(texts.encoder), SILENT)
    assert own.kind == "features" and own.source.inputs.shape == (45, 8) and own.test.inputs.shape == (15, 8)
    assert own.texts is not None and own.encoded_by.kind == "texts" and "vectors of 8 numbers" in own.notes[-1]


def write_pictures(folder, side=(10, 14)):
    rng = np.random.default_rng(0)
    for number in range(40):
        klass = number % 2
        image = rng.integers(0, 100, (*side, 3)).astype(np.uint8)
        image[..., 2 * klass] += 120
        place = folder / ("red", "blue")[klass]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{number}.png")
    return folder


@pytest.mark.parametrize("kind", [pytest.param("vit", marks=pytest.mark.slow), "clip"])
def test_images_from_files(tmp_path, kind):
    pictures, encoder = write_pictures(tmp_path / "pictures"), image_folder(tmp_path / "encoder", kind)
    out = tmp_path / "run"
    assert run(["clean", str(pictures), "--encoder", str(encoder), "--out", str(out), *QUICK]) == 0
    by = json.loads((out / "model.json").read_text())["reader"]["encoded_by"]
    assert by["shape"] == [8, 8, 3] and by["is_cut"] == (kind == "clip")
    with np.load(out / "examples.npz", allow_pickle=False) as examples:  # the report shows pictures, not vectors
        assert examples["images"].shape == (40, 8, 8, 3)
    assert run(["predict", str(out), str(pictures / "red"), "--out", str(tmp_path / "p.csv")]) == 0
    assert len(predicted(tmp_path / "p.csv")) == 20
    own = read(pictures, **fitted_to({}, opened(encoder)))
    picture = Image.open(pictures / "blue" / "1.png")
    wanted = picture.resize((8, 8), Image.Resampling.BILINEAR)
    if kind == "clip":
        wanted = picture.resize((8, 8), Image.Resampling.BICUBIC, box=(2, 0, 12, 10))
    np.testing.assert_array_equal(own.source.inputs[np.flatnonzero(own.source.ids == "blue/1.png")][0], wanted)


def test_streamed_images_are_read_block_by_block(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (20, 6, 6, 3)).astype(np.uint8)
    streamed = Streamed(np.arange(20), lambda number, rng, count: [images[number]] * count, (6, 6, 3), "d")
    monkeypatch.setattr(room, "IMAGES", 8)
    sizes = []

    def means(rows):
        sizes.append(len(rows))
        return rows.mean((1, 2))

    np.testing.assert_allclose(in_blocks(streamed, Encoder(means)), images.mean((1, 2)), rtol=1e-6)
    assert sizes == [8, 8, 4]


def lengths(rows):
    """A function of one's own: some counts of letters."""
    return np.array([[len(text), text.count("1"), text.count("2")] for text in rows], np.float64)


def test_a_function_of_ones_own(texts, tmp_path):
    fitted = meta_noise.clean(texts.data, tmp_path / "run", encoder=lengths, method="supervised", epochs=2)
    rows = [row["text"] for row in text_rows()]
    assert (
        fitted.predict(rows[:3]).tolist()
        == meta_noise.load(tmp_path / "run", encoder=lengths).predict(rows[:3]).tolist()
    )
    with pytest.raises(InputError, match="made with a function as encoder; give it again by encoder="):
        meta_noise.load(tmp_path / "run").predict(rows[:3])


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda rows: np.zeros(len(rows)), r"must give an array \[60, D\] of numbers for 60 rows; it gives float64 of"),
        (lambda rows: np.zeros((3, 4)), r"it gives float64 of shape \[3, 4\]"),
        (lambda rows: [["a"]] * len(rows), "it gives <U1"),
        (lambda rows: np.full((len(rows), 2), np.nan), "is not finite for row 0"),
    ],
)
def test_functions_that_give_no_vectors(texts, function, said):
    with pytest.raises(InputError, match=said):
        with_encoder(read(texts.data), Encoder(function), SILENT)


def test_vectors_of_several_lengths(texts, monkeypatch):
    monkeypatch.setattr(room, "TEXTS", 40)
    with pytest.raises(InputError, match="gives vectors of 40 numbers, and then of 20"):
        with_encoder(read(texts.data), Encoder(lambda rows: np.zeros((len(rows), len(rows)))), SILENT)


def test_data_and_encoder_that_do_not_fit(texts, tmp_path, capsys):
    pictures, images = write_pictures(tmp_path / "pictures"), image_folder(tmp_path / "vit")
    out = tmp_path / "run"
    said = failed(capsys, "clean", texts.data, "--encoder", images, "--out", out)
    assert f"The encoder {images} takes images, and texts holds texts; give an encoder of texts." in said
    said = failed(capsys, "inspect", pictures, "--encoder", texts.encoder)
    assert "takes texts, and pictures holds images; give an encoder of images." in said
    table = write_rows(tmp_path / "t.csv", [{"a": n / 7, "b": -n, "label": "xy"[n % 2]} for n in range(20)])
    said = failed(capsys, "clean", table, "--encoder", images, "--out", out)
    assert "An encoder takes texts or images, and t holds columns of a table" in said
    np.save(tmp_path / "f.npy", np.zeros((60, 2)))
    said = failed(
        capsys, "clean", texts.data, "--encoder", texts.encoder, "--features", tmp_path / "f.npy", "--out", out
    )
    assert "features (--features) and an encoder (--encoder) cannot both give the inputs" in said
    with pytest.raises(InputError, match="cannot both give the inputs"):
        fitted_to({"features": np.zeros((60, 2))}, opened(texts.encoder))
    said = failed(capsys, "clean", texts.data, "--encoder", tmp_path / "none", "--out", out)
    assert "none does not exist" in said
    assert not out.exists()
