"""Fashion-MNIST in small: 10,000 of its images, a network of dense layers, long enough to memorise wrong labels.

    python -m meta_noise.main --config=configs/fashion_mnist_10k.py --config.data.path=data/fashion_mnist \
        --workdir=runs/fashion_mnist_10k

For comparing many methods on two cores: about ten seconds per run. The setting of the papers is another one.
"""

import ml_collections

from meta_noise.config.argument import vary

SHIFTED = {"view": {"name": "crop_flip", "pad": 2}}  # the second view of methods that compare two
CLIPPED = {"optimizer": {"clip": 1.0}}  # without it they end in one class: there is no batch normalisation to hold them
TUNED = {
    **{method: CLIPPED for method in ("l2r", "l2b")},
    **{method: SHIFTED for method in ("famus", "mixmatch", "dividemix")},
    "ieg": {**SHIFTED, **CLIPPED},
    "joint_optimization": {"method": {"first": 11}},  # 70 of 200 epochs in its paper
    "ldam_drw": {"method": {"deferred_epoch": 24.0}},  # 160 of 200
}
VARIANTS = ("", "supervised", "l2r", "mlc_lcn", "ieg", "famus")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% uniform noise, 200 clean images (20 per class), MW-Net; `arg` as `mlc_lcn,uniform=0.8,seed=1`."""
    config = {
        "data": {"name": "fashion_mnist", "path": "data/fashion_mnist", "limit": 10000},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": 200, "selection": 500},
        "augment": {"name": "none"},
        "model": {"name": "mlp"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 30, "batch_size": 100, "eval_batch_size": 2000},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
