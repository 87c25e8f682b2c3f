"""Clothing1M with ResNet-50: MLC-LCN, table 3 (Zheng et al., AAAI 2021), with MW-Net's and IEG's settings beside it.

    meta-noise prepare clothing1m --from CLOTHING1M --to data/prepared
    python -m meta_noise.main --config=configs/clothing1m.py --workdir=runs/clothing1m

1,000,000 noisy images of 14 classes, 47,570 clean ones as trusted rows, 14,313 to choose the epoch (selection), 10,526
test images. Batches of 32 noisy and 32 clean images at 224 x 224.

MLC-LCN: SGD 0.1, x0.1 at epoch 5 of 15; label network Adam 3e-3 with skip link and embedding 128, moved every 5 steps.
Every image is the middle 224 of 256 pixels, no augmentation; the paper resizes both sides to 256 pixels, here the shape
stays, which differs. Published: 75.78, from weights trained on ImageNet; this config starts at random.
MW-Net: SGD 0.01, weight decay 1e-3, x0.1 after 5 of 10 epochs. Published: 73.72, from ImageNet weights and with 7,000
validation images as clean rows. IEG: p = 1, k = 3.5, random start; schedule not stated. Published: 77.21.
FaMUS, without clean rows (`famus`): SGD 0.002, weight decay 1e-3, 150 epochs of 1,000 batches with as many rows of each
class, x0.1 at 100, 32 rows from each side of the split; warm-up (500 steps), mixup and unlabelled factor from
DivideMix. The released code differs: it draws the rows of an epoch first and divides only these, here all are divided.
Published: 74.43, from ImageNet weights.
Hours: not stated in the papers, not measured here.
"""

import ml_collections

from meta_noise.config.argument import vary

AUGMENTED = {"data": {"crop": "random"}, "augment": {"name": "crop_flip", "pad": 0}}
TUNED = {
    "mlc_lcn": {
        "method": {"embedding": 128, "skip": True},
        "meta": {"every": 5, "optimizer": {"name": "amsgrad", "lr": 3e-3}},
    },
    "mw_net": {
        **AUGMENTED,
        "optimizer": {"lr": 0.01, "weight_decay": 1e-3},
        "train": {"epochs": 10},
    },
    "famus": {
        **AUGMENTED,
        "data": {"crop": "random", "pixels": "clothing1m_dividemix"},
        "method": {"alpha": 0.5, "unlabelled_factor": 0.0},
        "optimizer": {"lr": 0.002, "nesterov": True, "weight_decay": 1e-3},
        "schedule": {"epochs": [100]},
        "train": {
            "epochs": 150,
            "epoch_steps": 1000,
            "warmup_steps": 500,
            "balanced": True,
            "batch_size": 64,
            "clean_batch_size": 64,
        },
    },
    "ieg": {
        **AUGMENTED,
        "method": {"noisy_factor": 1.0, "consistency_factor": 3.5},
        "view": {"name": "strong", "on_top": True},
    },
}
VARIANTS = ("", "supervised", "l2r", "mw_net", "mlc_lcn", "ieg", "famus")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns the setting above; `arg` as `mw_net,seed=1`."""
    config = {
        "data": {
            "name": "clothing1m",
            "path": "data/prepared",
            "pixels": "imagenet",
            "size": 224,
            "resize": 256,
            "crop": "middle",
        },
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 0},
        "model": {"name": "resnet", "depth": 50},
        "method": {"name": "mlc_lcn"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "piecewise", "epochs": [5], "factor": 0.1},
        "train": {"epochs": 15, "batch_size": 32, "clean_batch_size": 32, "eval_batch_size": 200},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
