"""Small data sets in exactly the published layouts, by the names of the sources that read them.

`STAND_INS[name](folder)` writes the files into the folder and returns the settings of the section `data`. A source that
has none here is not run in the tests of the config files.
"""

import struct

import numpy as np

from tests.cifar import write_cifar10, write_cifar100
from tests.texts import write_noisy_ag_news, write_phrases, write_tweets, write_zhang


def _idx(path, array):
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def write_mnist(folder):
    """Writes the four files of MNIST and its like, unpacked: 120 images to train, 20 to test."""
    for part, count in (("train", 120), ("t10k", 20)):
        labels = np.arange(count) % 10
        images = np.random.default_rng(count).integers(0, 256, (count, 28, 28))
        images[:, :4] = 20 * labels[:, None, None]
        _idx(folder / f"{part}-images-idx3-ubyte", images)
        _idx(folder / f"{part}-labels-idx1-ubyte", labels)


def _files(write, *arguments, **settings):
    def stand_in(folder):
        write(folder, *arguments)
        return {"path": str(folder), "verify": False, **settings}

    return stand_in


SHORT = {"length": 8}
STAND_INS = {
    "digits": lambda folder: {"limit": 200},
    "mnist": _files(write_mnist),
    "fashion_mnist": _files(write_mnist),
    "cifar10": _files(write_cifar10, 40),
    "cifar100": _files(write_cifar100, 600),
    "cifar10n": _files(write_cifar10, 40, True),
    "cifar100n": _files(write_cifar100, 600, True),
    "ag_news": _files(write_zhang, 4, 2, **SHORT),
    "yelp5": _files(write_zhang, 5, 1, **SHORT),
    "amazon5": _files(write_zhang, 5, 2, **SHORT),
    "yahoo": _files(write_zhang, 10, 3, **SHORT),
    "ag_news_7600": _files(lambda folder: write_zhang(folder, 4, 2, test_per_class=15), **SHORT),
    "noisy_ag_news": _files(write_noisy_ag_news, **SHORT),
    "sst2": lambda folder: write_phrases(folder) or {"path": str(folder), **SHORT},
    "twitter_pos": lambda folder: write_tweets(folder) or {"path": str(folder)},
}
