"""Augmentation on the device: `name(key, images, ...) -> images`, one file each, found by its name."""
