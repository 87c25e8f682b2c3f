"""Encoders of images against their formula in NumPy, and the preparation of pixels."""

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from meta_noise.encoders.encoder import opened
from meta_noise.encoders.pixels import Pixels, prepared
from meta_noise.encoders.places import resized
from meta_noise.errors import InputError
from tests.encoders.folders import image_folder, write_json
from tests.encoders.plain import image_vector

IMAGES = np.random.default_rng(2).integers(0, 256, (11, 8, 8, 3)).astype(np.uint8)
MEAN, STD = np.array([0.5, 0.4, 0.3]), np.array([0.2, 0.3, 0.4])


@pytest.mark.parametrize(
    ("kind", "prefix", "width"),
    [
        ("vit", "", 8),
        ("vit", "vit.", 8),
        ("dinov2", "", 8),
        ("clip", "vision_model.", 6),
        ("clip_vision_model", "vision_model.", 6),
        ("clip_vision_model", "", 8),
    ],
)
def test_formula(tmp_path, kind, prefix, width):
    path = image_folder(tmp_path / "model", kind, prefix)
    file = path / "model.safetensors"
    tensors = load_file(file)
    if width == 8 and kind.startswith("clip"):  # the tower without what projects its vectors
        del tensors["visual_projection.weight"]
    others = {"classifier.weight": np.zeros((3, 8), np.float32)} if prefix == "vit." else {}
    others |= (
        {"text_model.x": np.zeros(2, np.float32), "logit_scale": np.zeros((), np.float32)} if kind == "clip" else {}
    )
    save_file({**tensors, **others}, file)
    found = opened(path)
    assert found.kind == "images" and found.side == 8 and found.is_cut == kind.startswith("clip")
    vectors = found.vectors(IMAGES)
    plain = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    formula = "clip" if kind.startswith("clip") else kind
    expected = [image_vector(plain, formula, (image / 255 - MEAN) / STD) for image in IMAGES]
    assert vectors.shape == (11, width)
    np.testing.assert_allclose(vectors, expected, rtol=1e-4, atol=1e-5)


def test_places_for_images_of_another_size():
    """A square that grows keeps what is the same everywhere, and what grows evenly within its border."""
    rows, columns = np.divmod(np.arange(36), 6)
    places = np.stack([np.ones(36), rows, columns], axis=1)
    assert resized(places, 6) is places
    larger = resized(places, 12).reshape(12, 12, 3)
    np.testing.assert_allclose(larger[..., 0], 1)
    where = (np.arange(12) + 0.5) / 2 - 0.5
    np.testing.assert_allclose(larger[4:8, 4:8, 1], np.repeat(where[4:8, None], 4, axis=1), atol=0.05)
    np.testing.assert_allclose(larger[..., 1], larger[..., 2].T)


def test_an_encoder_for_images_of_any_size(tmp_path):
    images = np.random.default_rng(3).integers(0, 256, (2, 12, 12, 3)).astype(np.uint8)
    found = opened(image_folder(tmp_path / "dino", "dinov2", size={"height": 12, "width": 12}))
    assert found.side == 12 and found.vectors(images).shape == (2, 8)
    with pytest.raises(InputError, match="a patch has 4 pixels a side, and an image 3"):
        opened(image_folder(tmp_path / "small", "dinov2", size={"height": 3, "width": 3}))
    with pytest.raises(InputError, match="makes no square images"):
        opened(image_folder(tmp_path / "wide", "dinov2", size={"height": 8, "width": 12}))


def test_images_are_stretched_or_cut():
    wide = np.random.default_rng(3).integers(0, 256, (1, 20, 31, 3)).astype(np.uint8)
    stretched = prepared(wide, Pixels(8, 0, 2, 1.0, (0.0,) * 3, (1.0,) * 3))
    expected = Image.fromarray(wide[0]).resize((8, 8), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(stretched[0], expected)
    cut = prepared(wide, Pixels(8, 10, 3, 1.0, (0.0,) * 3, (1.0,) * 3))
    expected = Image.fromarray(wide[0]).resize((15, 10), Image.Resampling.BICUBIC).crop((3, 1, 11, 9))
    np.testing.assert_array_equal(cut[0], expected)


def test_grey_images_have_three_equal_channels():
    grey = IMAGES[..., :1]
    how = Pixels(8, 0, 2, 1 / 255, (0.5,) * 3, (0.5,) * 3)
    np.testing.assert_array_equal(prepared(grey, how), prepared(np.repeat(grey, 3, axis=-1), how))
    assert prepared(np.array([[[[0], [255]]]], np.uint8), how._replace(side=2)).max() == 1


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"size": {"height": 9, "width": 8}}, "makes images of 8 x 9 pixels, but the encoder takes 8 x 8"),
        ({"size": {"shortest_edge": 8}}, "but the encoder takes 8 x 8"),
        ({"size": {"height": "big", "width": 8}}, "a size is 'big'"),
        ({"resample": 17}, "resample is 17"),
        ({"image_mean": [0.5]}, r"image_mean is \[0.5\]"),
        ({"image_std": [0.5, 0, 1]}, "image_std is .* must be above 0"),
        ({"rescale_factor": "1/255"}, "rescale_factor is '1/255'"),
    ],
)
def test_preparation_that_does_not_fit_gets_one_sentence(tmp_path, told, said):
    with pytest.raises(InputError, match=said):
        opened(image_folder(tmp_path / "vit", **told))


def test_other_ways_to_say_the_same(tmp_path):
    usual = opened(image_folder(tmp_path / "a")).vectors(IMAGES)
    np.testing.assert_array_equal(opened(image_folder(tmp_path / "b", size=8)).vectors(IMAGES), usual)
    path = image_folder(tmp_path / "c")
    told = {"size": 8, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}
    (path / "preprocessor_config.json").unlink()
    write_json(path / "processor_config.json", {"image_processor": told})
    np.testing.assert_array_equal(opened(path).vectors(IMAGES), usual)
    bare = opened(image_folder(tmp_path / "d", do_rescale=False, do_normalize=False, do_resize=False))
    assert np.abs(bare.vectors(IMAGES) - usual).max() > 0.1


def test_without_its_file_nothing_is_guessed(tmp_path):
    path = image_folder(tmp_path / "vit")
    (path / "preprocessor_config.json").unlink()
    with pytest.raises(InputError, match=r"holds no preprocessor_config.json, which says how images are scaled"):
        opened(path)
