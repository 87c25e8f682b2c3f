"""Augmentation on the device: `name(key, images, ...) -> images`, found by its name.

AutoAugment, RandAugment and the methods that build on them were published with Pillow's operations, whose rounding
rules are part of the result. The operations in `geometry` and `colours` take uint8 images [..., height, width,
channels], one or a batch, with one amount or one amount per image, run inside jit and give the bytes that Pillow gives.
Images have 3 channels (red, green, blue) or 1 (grey, Pillow's mode "L").
"""

FILES = {"cutout": "crop_flip", "none": "crop_flip", "strong": "randaugment"}  # names in a file of another name
