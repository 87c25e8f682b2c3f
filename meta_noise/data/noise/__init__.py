"""Label noise: `name(rng, labels, num_classes, rate, ...) -> labels`, one file each, found by its name."""
