"""Food-101N with ResNet-50: IEG, table 7 (Zhang et al., CVPR 2020).

    meta-noise prepare food101n --from Food-101N_release --food101 food-101 --to data/prepared
    python -m meta_noise.main --config=configs/food101n.py --workdir=runs/food101n

310,009 images of 101 classes from the web, of which those that people found right are the trusted rows; the right ones
of the validation list choose the epoch; Food-101's 25,250 test images measure. p = 1, k = 14, a random start, images of
224 x 224. The schedule is not stated in the paper: batches of 32, SGD 0.1 with momentum 0.9 and weight decay 5e-4, 30
epochs, cosine, are a choice of ours. Published: 87.57; cross-entropy alone 81.44 (`food101n.py:supervised`).
Hours: not stated in the paper, not measured here.
"""

import ml_collections

from meta_noise.config.argument import vary

TUNED = {
    "ieg": {
        "method": {"noisy_factor": 1.0, "consistency_factor": 14.0},
        "view": {"name": "strong", "on_top": True},
    }
}


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns the setting above; `arg` as `mw_net,seed=1`."""
    config = {
        "data": {"name": "food101n", "path": "data/prepared", "size": 224, "resize": 256},
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 0},
        "augment": {"name": "crop_flip", "pad": 0},
        "model": {"name": "resnet", "depth": 50},
        "method": {"name": "ieg"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 30, "batch_size": 32, "clean_batch_size": 32, "eval_batch_size": 200},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
