"""CIFAR-10N in small: 10,000 images with the labels that people gave, a small convolutional network, 10 epochs.

    python -m meta_noise.main --config=configs/cifar10n_10k.py:l2r,labels=worst --config.data.path=data/cifar10 \
        --workdir=runs/cifar10n_10k

For comparing many methods on two cores: half a minute to ten minutes per run and core. Of CIFAR-10's 50,000 labels 9%
(`labels=aggre`), 17% (`random1`) or 40% (`worst`) are wrong. ResNet-32 and all images are `configs/cifar_n.py`.
"""

import ml_collections

from meta_noise.config.argument import vary

SHORT = {"method": {"ramp_epochs": 3.0}}  # a third of the run, as 10 of the 30 epochs of fashion_mnist_10k
TUNED = {
    "co_teaching": SHORT,
    "jocor": SHORT,
    "joint_optimization": {"method": {"first": 4}},  # 70 of 200 epochs in its paper
}
VARIANTS = ("", "supervised,labels=aggre", "l2r,labels=random1", "co_teaching", "joint_optimization", "famus")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns labels "worst", 200 clean images (20 per class), MW-Net; `arg` as `mlc_lcn,labels=aggre,seed=1`."""
    config = {
        "data": {"name": "cifar10n", "path": "data/cifar10", "labels": "worst", "limit": 10000},
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 200, "selection": 500},
        "augment": {"name": "crop_flip"},
        "model": {"name": "cnn"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 10, "batch_size": 100, "eval_batch_size": 1000},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
