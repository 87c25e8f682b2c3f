"""Long-tailed CIFAR-10 and CIFAR-100 with ResNet-32: FaMUS (Xu et al., CVPR 2021), Table 8, and its baselines.

    python -m meta_noise.data.download cifar10 data/cifar10
    python -m meta_noise.main --config=configs/cifar_lt.py:mw_net,sampler,imbalance=100 \
        --config.data.path=data/cifar10 --workdir=runs/cifar10_lt

Labels are right; the largest class has `imbalance` times the rows of the smallest, after 10 clean images per class are
set apart; the test set stays balanced. SGD 0.1, momentum 0.9, weight decay 5e-4, 200 epochs, the rate x0.1 at 160 and
180; batches of 100 and the details of MW-Net from its code for long tails (Nesterov's momentum, weight network SGD
1e-5, losses that are not constant), the sampler's rate 0.01, gates on the last group of blocks. Published accuracy,
CIFAR-10 with imbalance 100 / 50 / 20 / 10, then CIFAR-100:

    supervised                70.36 / 74.81 / 82.23 / 86.39    38.32 / 43.85 / 51.14 / 55.71
    focal                     70.38 / 76.71 / 82.76 / 86.66    38.41 / 44.32 / 51.95 / 55.78
    class_balanced            74.57 / 79.27 / 84.36 / 87.49    39.60 / 45.32 / 52.59 / 57.99
    ldam_drw                  77.03 / - / - / 88.16            44.70 / - / - / 59.59
    l2r                       74.16 / 78.93 / 82.12 / 85.19    40.23 / 44.44 / 51.64 / 53.73
    mw_net                    75.21 / 80.06 / 84.94 / 87.84    42.09 / 46.74 / 54.37 / 58.46
    mw_net,sampler            79.30 / 83.15 / 87.15 / 89.39    45.60 / 49.56 / 56.22 / 60.42
    mw_net,ldam_sampler       80.96 / 83.32 / 86.24 / 87.90    46.03 / 49.93 / 55.95 / 59.03

A word names a row: `focal`, `class_balanced` (cross-entropy here, focal there), `ldam` are losses of `supervised` or
`mw_net`; `cifar100` is the other set. How FaMUS joined LDAM and MW-Net is not published: here the losses of rows have
margins and the outer loss is cross-entropy of 30 times the cosines. Hours: not measured on an accelerator. The same
table in small on a CPU: configs/fashion_mnist_lt.py and experiments/fashion_mnist_lt.
"""

import ml_collections

from meta_noise.config.argument import Word, vary
from meta_noise.config.cifar import LAST_GROUP

COSINES = {"model": {"head": "normalised"}}
SAMPLER = {"name": "layer_sampler", "lr": 0.01, "top_k": LAST_GROUP["resnet_cifar"]}
LDAM = {"mw_net": {"method": {"outer_scale": 30.0}}}
WORDS = {
    "cifar100": Word({"data": {"name": "cifar100", "path": "data/cifar100"}, "clean": {"size": 1000}}),
    "focal": Word({"method": {"loss": "focal"}}),
    "class_balanced": Word({"method": {"loss": "class_balanced"}}),
    "ldam": Word({**COSINES, "method": {"loss": "ldam"}}, LDAM),
    "sampler": Word({"meta": {"cotangents": SAMPLER}}),
    "ldam_sampler": Word(  # cosines have no bias: one tensor of the classifier is always kept
        {**COSINES, "method": {"loss": "ldam"}, "meta": {"cotangents": {**SAMPLER, "always": 1, "top_k": 31}}}, LDAM
    ),
}
TUNED = {
    "mw_net": {
        "method": {"detach": False},
        "meta": {"optimizer": {"name": "sgd", "lr": 1e-5, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}},
    },
    "ldam_drw": COSINES,
}
VARIANTS = (
    "",
    "supervised",
    "supervised,focal,imbalance=20",
    "supervised,class_balanced",
    "supervised,ldam",
    "ldam_drw",
    "l2r",
    "mw_net,sampler,imbalance=50",
    "mw_net,ldam",
    "mw_net,ldam_sampler",
    "cifar100,mw_net,sampler",
)


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns CIFAR-10 with imbalance 100 and MW-Net; `arg` as `mw_net,sampler,imbalance=50,cifar100,seed=1`."""
    config = {
        "data": {"name": "cifar10", "path": "data/cifar10", "pixels": "cifar10", "imbalance": 100.0},
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 100, "selection": 0},
        "augment": {"name": "crop_flip", "pad": 4, "mode": "zero"},
        "model": {"name": "resnet_cifar"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4},
        "schedule": {"name": "piecewise", "epochs": [160, 180], "factor": 0.1},
        "train": {"epochs": 200, "batch_size": 100},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED, WORDS))
