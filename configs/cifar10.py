"""CIFAR-10 with ResNet-32: the setting of MW-Net's ResNet-32 script (Shu et al., NeurIPS 2019).

    python -m meta_noise.data.download cifar10 data/cifar10
    python -m meta_noise.main --config=configs/cifar10.py:mw_net,uniform=0.4 --config.data.path=data/cifar10 \
        --workdir=runs/cifar10

Batches of 100 training and 100 clean images, SGD 0.1 with momentum 0.9 and weight decay 5e-4, 120 epochs, the rate
x0.1 at 80 and 100; weight network Adam 1e-3 with weight decay 1e-4; weighted losses divided by the batch size.
1,000 clean images; the script reports the best test accuracy over epochs. Published figures for this script are those
of flip noise to two classes, CIFAR-10 20% / 40%: 90.33 / 87.54 (`flip=0.4` with --config.noise.targets=2). The 5,000
images that select the epoch keep their noisy labels, so 1,000 clean labels are all that is used.
"""

import ml_collections

from meta_noise.variant import vary

TUNED = {"mw_net": {"method": {"reduction": "rows"}}}


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns the setting above with 40% uniform noise; `arg` as `mlc_lcn,flip=0.4,clean=1000,seed=1`."""
    config = {
        "data": {"name": "cifar10", "path": "data/cifar10"},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": 1000, "selection": 5000},
        "augment": {"name": "crop_flip", "pad": 4, "mode": "reflect"},
        "model": {"name": "resnet_cifar"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "piecewise", "epochs": [80, 100], "factor": 0.1},
        "train": {"epochs": 120, "batch_size": 100},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
