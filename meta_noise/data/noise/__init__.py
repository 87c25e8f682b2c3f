"""Label noise: `name(rng, labels, num_classes, rate, ...) -> Noisy`, one file each, found by its name.

A kind that needs to know which rows the labels belong to has a keyword `ids` [N].
"""
