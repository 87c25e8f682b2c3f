"""Small real files of every form that is read."""

import io

import numpy as np
import pytest
from PIL import Image

from meta_noise.data.own import read
from meta_noise.errors import InputError


@pytest.fixture
def write(tmp_path):
    """Returns `write(name, content) -> path`, which writes text or bytes below the test's folder."""

    def write_file(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture(scope="session")
def packed():
    """Returns `packed(array, form) -> bytes` of an image file."""

    def pack(array, form="PNG", **settings):
        stream = io.BytesIO()
        Image.fromarray(np.asarray(array, np.uint8)).save(stream, form, **settings)
        return stream.getvalue()

    return pack


@pytest.fixture
def pixels(rng):
    """Returns `pixels(height, width) -> [height, width, 3]`, other ones at every call."""
    return lambda height=8, width=8: rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def refusal():
    """Returns `refusal(data, **settings)`: the sentence with which reading is refused, checked to be one."""

    def sentence(data, **settings):
        with pytest.raises(InputError) as caught:
            read(data, **settings)
        text = str(caught.value)
        assert "\n" not in text and text.endswith((".", "?")) and len(text) < 600
        return text

    return sentence
