"""Label noise: `name(rng, labels, num_classes, rate, ...) -> Noisy`, found by its name.

A kind that needs to know more about the data set says so in its signature: a parameter `ids` gets the identifiers [N]
of the rows, `class_names` the C names, `inputs` the images or vectors [N, ...].
"""

FILES = {"none": "uniform", "pair": "flip"}  # names in a file of another name
