"""PNG pictures, decoded by another library."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from meta_noise.report.pictures import LARGEST, data_uri, png, reduced


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_is_read_back(channels):
    image = np.random.default_rng(0).integers(256, size=(5, 9, channels)).astype(np.uint8)
    with Image.open(io.BytesIO(png(image))) as opened:
        assert np.array_equal(np.asarray(opened).reshape(image.shape), image)


@pytest.mark.parametrize("channels", [2, 7])
def test_odd_channels_show_the_first(channels):
    image = np.random.default_rng(0).integers(256, size=(4, 4, channels)).astype(np.uint8)
    with Image.open(io.BytesIO(png(image))) as opened:
        assert np.array_equal(np.asarray(opened), image[..., 0])


@pytest.mark.parametrize("shape", [(8, 8, 1), (224, 224, 3), (1000, 3, 3), (161, 500, 1)])
def test_large_pictures_are_reduced(shape):
    small = reduced(np.full(shape, 77, np.uint8))
    assert max(small.shape[:2]) <= LARGEST and small.shape[2] == shape[2]
    assert small.dtype == np.uint8 and np.all(small == 77)


def test_data_uri():
    uri = data_uri(np.zeros((2, 2, 1), np.uint8))
    assert base64.b64decode(uri.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
