"""The operations of AutoAugment with Pillow, one image at a time: what the library's are compared with."""

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

LEVELED = {
    "shear_x": lambda image, level, fill: affine(image, (1, level * 0.3 / 10, 0, 0, 1, 0), fill),
    "shear_y": lambda image, level, fill: affine(image, (1, 0, 0, level * 0.3 / 10, 1, 0), fill),
    "translate_x": lambda image, level, fill: affine(image, (1, 0, level, 0, 1, 0), fill),
    "translate_y": lambda image, level, fill: affine(image, (1, 0, 0, 0, 1, level), fill),
    "rotate": lambda image, level, fill: image.rotate(level * 3, fillcolor=fill),
    "colour": lambda image, level, fill: ImageEnhance.Color(image).enhance(level * 1.8 / 10 + 0.1),
    "contrast": lambda image, level, fill: ImageEnhance.Contrast(image).enhance(level * 1.8 / 10 + 0.1),
    "brightness": lambda image, level, fill: ImageEnhance.Brightness(image).enhance(level * 1.8 / 10 + 0.1),
    "sharpness": lambda image, level, fill: ImageEnhance.Sharpness(image).enhance(level * 1.8 / 10 + 0.1),
    "posterize": lambda image, level, fill: posterize(image, 4 - int(level * 4 / 10)),
    "solarize": lambda image, level, fill: ImageOps.solarize(image, 256 - int(level * 256 / 10)),
    "invert": lambda image, level, fill: ImageOps.invert(image),
    "autocontrast": lambda image, level, fill: ImageOps.autocontrast(image),
    "equalize": lambda image, level, fill: ImageOps.equalize(image),
    "identity": lambda image, level, fill: image,
}
SIGNED = {"shear_x", "shear_y", "translate_x", "translate_y", "rotate"}


def affine(image, matrix, fill):
    return image.transform(image.size, Image.Transform.AFFINE, matrix, fillcolor=fill)


def posterize(image, bits):
    """Returns what older versions did with no bits, which newer ones refuse: black."""
    return ImageOps.posterize(image, bits) if bits else Image.new(image.mode, image.size)


def to_pillow(pixels):
    """Returns the Pillow image of [height, width, 1 or 3] uint8."""
    return Image.fromarray(np.asarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))


def from_pillow(image):
    pixels = np.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def operation(pixels, name, level, fill=0):
    """Returns [height, width, 1 or 3] uint8 after one operation; a negative level is a negative amount."""
    colour = fill if pixels.shape[-1] == 1 else (fill,) * 3
    return from_pillow(LEVELED[name](to_pillow(pixels), level, colour))


def outcomes(pixels, names_and_levels, probabilities, fill):
    """Returns the bytes of every image that a sequence of operations can give."""
    found = {pixels.tobytes(): pixels}
    for (name, level), probability in zip(names_and_levels, probabilities, strict=True):
        levels = ([level, -level] if name in SIGNED else [level]) if probability > 0 else []
        new = [operation(image, name, each, fill) for image in found.values() for each in levels]
        if probability == 1:
            found = {}
        found |= {image.tobytes(): image for image in new}
    return set(found)
