"""Which part of an image is taken, and how it is decoded."""

import io

import numpy as np
import pytest
from PIL import Image

from meta_noise.data.images.crops import Cut, check_cut, cut_out, draw_box, fault, middle
from meta_noise.errors import InputError
from tests.images import jpeg


def ramp(width, height, kind="PNG", **settings):
    """Returns an image whose red grows to the right and whose green grows downwards, 0 to 255."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)[None]
    pixels[..., 1] = np.linspace(0, 255, height)[:, None]
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, kind, **settings)
    return data.getvalue()


def test_the_middle_is_that_of_resizing_first():
    """Shorter side to 320, 299 x 299 out of the middle; one interpolation in place of two."""
    assert middle(500, 375, Cut(299, 320)) == pytest.approx((74.805, 12.305, 425.195, 362.695), abs=1e-3)
    data = ramp(500, 375)
    whole = Image.open(io.BytesIO(data)).resize((427, 320), Image.Resampling.BILINEAR)
    expected = np.asarray(whole.crop((64, 10, 64 + 299, 10 + 299))).astype(int)
    (found,) = cut_out(data, Cut(299, 320))
    assert found.shape == (299, 299, 3) and found.dtype == np.uint8
    assert np.abs(found - expected).max() <= 2


def test_random_parts_lie_inside_and_have_the_shape_asked_for():
    rng = np.random.default_rng(0)
    shares, ratios, lefts = [], [], []
    for _ in range(4000):
        left, upper, right, lower = draw_box(rng, 400, 300, Cut(8, 8, "random_resized"))
        assert 0 <= left < right <= 400 and 0 <= upper < lower <= 300
        shares.append((right - left) * (lower - upper) / 120_000)
        ratios.append((right - left) / (lower - upper))
        lefts.append(left / (400 - (right - left)))
    assert min(shares) >= 0.08 and max(shares) <= 1 and min(ratios) > 0.74 and max(ratios) < 1.34
    small = [share for share in shares if share < 0.5]  # these fit at any ratio, so they are uniform
    assert np.mean(small) == pytest.approx(0.29, abs=0.01) and np.std(small) == pytest.approx(0.42 / 12**0.5, abs=0.01)
    assert np.mean(lefts) == pytest.approx(0.5, abs=0.03)
    for _ in range(100):
        left, upper, right, lower = draw_box(rng, 400, 300, Cut(224, 256, "random"))
        assert right - left == pytest.approx(262.5) == lower - upper and left >= 0 and upper >= 0 and lower <= 300


def test_a_shape_that_never_fits_gives_the_largest_square():
    box = draw_box(np.random.default_rng(0), 4000, 2, Cut(8, 8, "random_resized", smallest=1.0))
    assert box == (1999.0, 0.0, 2001.0, 2.0)


def test_several_parts_of_one_image_differ_and_follow_the_generator():
    data, cut = jpeg(0), Cut(16, 16)
    first, second = cut_out(data, cut, np.random.default_rng(5), 2)
    again = cut_out(data, cut, np.random.default_rng(5), 2)
    assert (first != second).any()
    np.testing.assert_array_equal([first, second], again)
    np.testing.assert_array_equal(*cut_out(data, cut, None, 2))


@pytest.mark.parametrize("size", [30, 60, 110, 240])
def test_a_large_jpeg_is_decoded_in_part_with_nearly_the_same_result(size):
    data = ramp(960, 720, "JPEG", quality=95, subsampling=0)
    png = io.BytesIO()
    Image.open(io.BytesIO(data)).save(png, "PNG")
    (fast,), (exact,) = cut_out(data, Cut(size, size)), cut_out(png.getvalue(), Cut(size, size))
    assert np.abs(fast.astype(int) - exact).max() <= 6


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1"])
def test_every_kind_of_pixel_becomes_three_colours(mode):
    data = io.BytesIO()
    Image.open(io.BytesIO(ramp(40, 30))).convert(mode).save(data, "JPEG" if mode == "CMYK" else "PNG")
    (found,) = cut_out(data.getvalue(), Cut(10, 12))
    assert found.shape == (10, 10, 3)
    assert fault(data.getvalue()) == ""


def test_faults_are_found_without_decoding_at_full_size():
    good = jpeg(0, width=300, height=300)
    assert fault(good) == ""
    assert "truncated" in fault(good[: len(good) // 2])
    assert "cannot identify" in fault(b"<html>not found</html>") and fault(b"") != ""
    assert "\n" not in fault(b"GIF89a\n\n")


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (Cut(32, 16), "1 <= size <= resize"),
        (Cut(0, 16), "1 <= size"),
        (Cut(8, 8, "center"), "Did you mean|Choices: middle"),
        (Cut(8, 8, smallest=0.0), "smallest share"),
    ],
)
def test_settings_that_make_no_sense(cut, message):
    with pytest.raises(InputError, match=message):
        check_cut(cut)
