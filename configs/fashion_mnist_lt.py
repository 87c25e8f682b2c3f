"""Fashion-MNIST with a long tail: 20,000 images, the rarest class a hundredth of the largest, a small CNN.

    python -m meta_noise.main --config=configs/fashion_mnist_lt.py:ldam_drw --config.data.path=data/fashion_mnist \
        --workdir=runs/fashion_mnist_lt

The setting of long-tailed CIFAR-10 (Cao et al., NeurIPS 2019; Shu et al., NeurIPS 2019; FaMUS, CVPR 2021) in small:
10 clean images per class are set apart before the imbalance, the test set stays balanced, and the clean set, not the
labels, says what matters. Deferred weights come in at 80% of training, as epoch 160 of 200 does there. MW-Net's
weight network reads losses that are not constant (`detach=False`), as in the authors' code for long tails. Half a
minute to a minute on a CPU core; figures in experiments/fashion_mnist_lt.
"""

import ml_collections

from meta_noise.config.argument import vary

EPOCHS = 20
COSINES = {"model": {"head": "normalised"}}
TUNED = {
    "mw_net": {
        "method": {"detach": False},
        "meta": {
            "optimizer": {"name": "sgd", "lr": 1e-3, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4},
        },
    },
    "ldam_drw": {**COSINES, "method": {"deferred_epoch": 0.8 * EPOCHS}},
}

VARIANTS = ("", "supervised", "l2r", "ldam_drw")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns imbalance 100, 100 clean images; `arg` as `ldam_drw,seed=1`."""
    config = {
        "data": {"name": "fashion_mnist", "path": "data/fashion_mnist", "limit": 20000, "imbalance": 100.0},
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 100, "selection": 0},
        "augment": {"name": "crop_flip", "pad": 2},
        "model": {"name": "cnn"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "piecewise", "epochs": [16, 18], "factor": 0.1},
        "train": {"epochs": EPOCHS, "batch_size": 100, "eval_batch_size": 1000},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
