import struct
import zlib

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.pictures import check_image_size, decoded
from meta_noise.errors import InputError


@pytest.fixture
def decode(packed):
    """Returns `decode(*arrays, form, size, **settings)` of these images packed in memory."""

    def run(*arrays, form="PNG", size=None, **settings):
        return decoded([pa.py_buffer(packed(array, form, **settings)) for array in arrays], size)

    return run


def png_of_size(width, height):
    """Returns a whole but false PNG: its header says a size that its pixels do not have."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


def test_images_of_one_size_stay_as_they_are(decode, pixels):
    arrays = [pixels(5, 7) for _ in range(200)]  # more than one block
    images, bad, notes = decode(*arrays)
    assert np.array_equal(images, arrays) and not bad and notes == ("All images have 5 x 7 pixels.",)


def test_grey_stays_grey_unless_one_is_coloured(decode, pixels):
    grey = pixels()[..., 0]
    assert np.array_equal(decode(grey)[0][0, ..., 0], grey)
    both = decode(grey, pixels())[0]
    assert both.shape == (2, 8, 8, 3) and np.array_equal(both[0], np.repeat(grey[..., None], 3, -1))


@pytest.mark.parametrize("side, chosen", [(20, 32), (70, 64), (100, 96), (600, 128)])
def test_size_suits_most_images(decode, side, chosen):
    images, _, notes = decode(*[np.zeros((side, side + more, 3)) for more in range(3)])
    assert images.shape == (3, chosen, chosen, 3) and f"resized to {chosen} x {chosen}" in notes[0]


def test_large_common_size_is_not_kept(decode):
    assert decode(np.zeros((300, 300, 3)), np.zeros((300, 300, 3)))[0].shape == (2, 128, 128, 3)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_resizing_averages(decode, form):
    left_right = np.repeat(np.repeat([[[0] * 3, [200] * 3]], 640, 0), 320, 1)  # [640, 640, 3]
    small = decode(left_right, form=form, size=(4, 8))[0][0]
    assert small.shape == (4, 8, 3) and np.allclose(small[:, :3], 0, atol=2) and np.allclose(small[:, 5:], 200, atol=2)


def test_exif_orientation(decode, packed):
    wide = np.zeros((8, 16, 3))
    wide[:, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # show it turned a quarter to the right
    for form in ("JPEG", "PNG"):
        image = decode(wide, form=form, exif=exif, size=(16, 8))[0][0]
        assert image[:7].min() > 250 and image[9:].max() < 5, form
    assert decode(wide, form="JPEG", exif=exif)[0].shape == (1, 16, 8, 3)


def test_transparency_is_white_and_sixteen_bits_become_eight(decode):
    layered = np.zeros((4, 4, 4))
    layered[..., 3] = [0, 0, 255, 255]
    assert decode(layered)[0][0, 0, :, 0].tolist() == [255, 255, 0, 0]
    deep = Image.fromarray(np.full((4, 4), 200 * 256, np.uint16))
    import io

    stream = io.BytesIO()
    deep.save(stream, "PNG")
    assert decoded([pa.py_buffer(stream.getvalue())])[0].tolist() == np.full((1, 4, 4, 1), 200).tolist()


def test_other_kinds(decode, packed, pixels, tmp_path):
    array = pixels()
    for form in ("BMP", "GIF", "WEBP", "TIFF", "PPM"):
        images, bad, _ = decode(array, form=form)
        assert images.shape == (1, 8, 8, 3) and not bad, form
    (tmp_path / "a").write_bytes(packed(array))
    assert np.array_equal(decoded([tmp_path / "a"])[0][0], array)


@pytest.mark.parametrize(
    "width, height, said",
    [
        (50_000, 50_000, "more than 64,000,000 pixels"),
        (50_000, 10, "50,000 x 10 pixels; at most 20,000 on a side"),
        (9_000, 8_000, "9,000 x 8,000 pixels; at most"),
        (9_400, 9_600, "more than 64,000,000 pixels"),
    ],
)
def test_bombs_are_not_decoded(packed, pixels, width, height, said):
    array = pixels()
    images, bad, _ = decoded([pa.py_buffer(png_of_size(width, height)), pa.py_buffer(packed(array))])
    assert list(bad) == [0] and said in bad[0] and np.array_equal(images[1], array) and not images[0].any()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
def test_damaged_images_are_found(packed, pixels, rng, form):
    whole = packed(pixels(40, 40), form)
    cut = [whole[:length] for length in (0, 10, len(whole) // 2)]
    noise = np.frombuffer(whole, np.uint8).copy()
    noise[4:60] = rng.integers(0, 256, 56)
    images, bad, _ = decoded([pa.py_buffer(content) for content in (*cut, noise.tobytes(), whole)])
    assert {0, 1, 2} <= set(bad) and 4 not in bad and images[4].any()
    assert all(why.startswith("the image") for why in bad.values())


def test_programs_are_not_run(tmp_path):
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n")
    assert "it is no JPEG, PNG" in decoded([tmp_path / "a.png"])[1][0]


def test_what_does_not_fit_in_memory_is_streamed(packed, pixels, tmp_path):
    arrays = [pixels(40, 40) for _ in range(5)]
    files = [tmp_path / str(number) for number in range(5)]
    for file, array in zip(files, arrays, strict=True):
        file.write_bytes(packed(array))
    files[3].write_bytes(packed(arrays[3])[:500])
    held, bad, notes = decoded(files, (8, 6))
    images, same_bad, more = decoded(files, (8, 6), most=700)
    assert isinstance(images, Streamed) and images.shape == held.shape == (5, 8, 6, 3)
    good = np.array([0, 1, 2, 4])
    assert np.array_equal(images[good], held[good]) and bad == same_bad and list(bad) == [3]
    assert more[:-1] == notes and "decoded anew for every batch" in more[-1]
    files[0].write_bytes(packed(arrays[1]))
    assert decoded(files, (8, 6), most=700)[0].digest != images.digest


def test_no_image_can_be_read():
    images, bad, _ = decoded([pa.py_buffer(b"x"), None])
    assert images.shape[0] == 2 and list(bad) == [0]


def test_image_size():
    assert check_image_size(None) is None and check_image_size(8) == (8, 8) and check_image_size((4, 8)) == (4, 8)
    for wrong in (0, -1, (1, 2, 3), 100_000, (4, "8")):
        with pytest.raises(InputError, match="give pixels"):
            check_image_size(wrong)
