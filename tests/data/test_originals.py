"""Rows found again by id, as a person should see them."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from meta_noise.data.origin import Origin, origin_of, place_of, read_origin, to_json
from meta_noise.data.originals import LARGEST, originals
from meta_noise.data.own import read
from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError


def picture_of(address):
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


def ids_of(data, **settings):
    own = read(data, **settings)
    names = [own.class_names[label] for label in own.source.labels]
    return own.source.ids.tolist(), names


@pytest.fixture
def images(tmp_path):
    rng = np.random.default_rng(0)
    for name, size in (("cat/1", (600, 900)), ("cat/2", (20, 30)), ("dog/3", (20, 20)), ("dog/4", (20, 20))):
        path = tmp_path / "images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)
    return tmp_path / "images"


def test_pictures_of_16_bits_are_no_white_squares(images):
    ramp = np.linspace(0, 60000, 400).astype(np.uint16).reshape(20, 20)
    Image.fromarray(ramp).save(images / "cat" / "2.png")
    ids, given = ids_of(images)
    (shown,) = originals(images, {}, ids[1:2], given[1:2])
    pixels = np.asarray(picture_of(shown.picture).convert("L"))
    assert pixels.min() == 0 and 225 < pixels.max() < 240 and len(np.unique(pixels)) > 100


def test_pictures_come_in_their_own_size_up_to_a_limit(images):
    ids, given = ids_of(images)
    large, small = originals(images, {}, ids[:2], given[:2])
    assert picture_of(large.picture).size == (LARGEST, 267) and not large.is_small
    assert picture_of(small.picture).size == (30, 20) and small.is_small
    np.testing.assert_array_equal(np.asarray(picture_of(small.picture)), np.asarray(Image.open(images / "cat/2.png")))


def test_a_picture_that_is_damaged_since_is_said_so(images):
    ids, given = ids_of(images)
    (images / "cat/2.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (found,) = originals(images, {}, ids[1:2], given[1:2])
    assert "cannot be read" in found.text and not found.picture


def test_texts_and_the_cells_of_a_table():
    texts = {"text": [f"one two three four {n} " + "x" * 5000 * (n == 1) for n in range(4)], "label": list("abab")}
    ids, given = ids_of(texts)
    found = originals(texts, {}, ids[2:], given[2:])
    assert [each.text for each in found] == [text.strip() for text in texts["text"][2:]]
    assert originals(texts, {}, ids[1:2], given[1:2])[0].text.endswith("x [...]")
    table = {"id": ["p", "q", "r", "s"], "n": [1.5, 2, 3, 4], "place": list("wxyz"), "label": list("abab")}
    assert originals(table, {}, ["r"], ["a"])[0].cells == (("n", "3"), ("place", "y"))


def test_of_vectors_people_see_what_lies_beside_them(tmp_path):
    texts = {"text": [f"a text of words {n}" for n in range(4)], "label": list("abab")}
    path = tmp_path / "texts.csv"
    path.write_text("text,label\n" + "".join(f"{t},{k}\n" for t, k in zip(texts["text"], texts["label"], strict=True)))
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(4, 3)))
    settings = {"features": str(tmp_path / "vectors.npy")}
    ids, given = ids_of(path, **settings)
    assert ids[0] == "texts-00000"
    assert originals(path, settings, ids[3:], given[3:])[0].text == "a text of words 3"
    frame = {**texts, "embedding": np.random.default_rng(0).normal(size=(4, 3)).tolist()}
    ids, given = ids_of(frame, features="embedding")
    assert originals(frame, {"features": "embedding"}, ids[1:2], given[1:2])[0].text == "a text of words 1"
    alone = {"x": np.random.default_rng(0).normal(size=(4, 3)), "y": [0, 1, 0, 1]}
    ids, given = ids_of(alone)
    assert len(originals(alone, {}, ids[:1], given[:1])[0].cells) == 3


def test_images_of_an_array():
    pixels = np.random.default_rng(0).integers(0, 256, (4, 8, 8), dtype=np.uint8)
    data = {"x": pixels, "y": [0, 1, 0, 1]}
    ids, given = ids_of(data)
    (found,) = originals(data, {}, ids[2:3], given[2:3])
    np.testing.assert_array_equal(np.asarray(picture_of(found.picture)), pixels[2])


def test_data_that_changed_are_told(images):
    ids, _ = ids_of(images)
    with pytest.raises(InputError, match="lacks 1 of 1 rows"):
        originals(images, {}, ["cat/9.png"], ["cat"])
    with pytest.raises(InputError, match="is labelled 'cat', not 'dog'"):
        originals(images, {}, ids[:1], ["dog"])


def test_an_origin_survives_its_file_and_a_change_of_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("data.csv", "trusted.csv"):
        (tmp_path / name).write_text("x")
    settings = {"trusted": "trusted.csv", "text": "words", "skip_bad": True, "image_size": (8, 9), "label": None}
    origin = origin_of("data.csv", settings, {"method": "l2r", "seed": 1})
    assert origin.data == str(tmp_path / "data.csv") and origin.settings["trusted"] == str(tmp_path / "trusted.csv")
    assert origin.settings["text"] == "words" and origin.settings["image_size"] == [8, 9] and origin.lost == ()
    write_json(tmp_path / "origin.json", to_json(origin))
    assert read_origin(tmp_path) == origin
    assert place_of(origin, None, {}) == str(tmp_path / "data.csv")
    memory = origin_of({"a": [1]}, {"features": np.zeros((2, 2))}, {})
    assert memory.data is None and memory.lost == ("features",)
    with pytest.raises(InputError, match="data in memory"):
        place_of(memory, None, {})
    with pytest.raises(InputError, match=r"features=\.\.\. in memory"):
        place_of(memory, {"a": [1]}, {})
    assert place_of(memory, {"a": [1]}, {"features": 1}) == {"a": [1]}
    write_json(tmp_path / "origin.json", {"data": 1})
    with pytest.raises(InputError, match="is damaged"):
        read_origin(tmp_path)
    assert Origin("x", {}).answers == ()
