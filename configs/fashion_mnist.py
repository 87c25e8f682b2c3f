"""Fashion-MNIST, all 60,000 images from the official files, 40% uniform noise, 1,000 clean images, a small CNN.

    python -m meta_noise.data.download fashion_mnist data/fashion_mnist
    python -m meta_noise.main --config=configs/fashion_mnist.py --config.data.path=data/fashion_mnist \
        --workdir=runs/fashion_mnist

One to six minutes per method on two busy CPU cores; figures in experiments/fashion_mnist.
"""

import ml_collections

from meta_noise.config.argument import vary

VARIANTS = ("", "supervised", "l2r", "mlc_lcn,uniform=0.8")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns the setting above; `arg` as `mlc_lcn,uniform=0.8,clean=1000,seed=1`."""
    config = {
        "data": {"name": "fashion_mnist", "path": "data/fashion_mnist"},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": 1000, "selection": 1000},
        "augment": {"name": "crop_flip", "pad": 2},
        "model": {"name": "cnn"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 10, "batch_size": 100},
    }
    return ml_collections.ConfigDict(vary(config, arg))
