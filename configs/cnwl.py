"""Red mini-ImageNet at 32 x 32 with PreActResNet-18: FaMUS without clean rows, table 7 (Xu et al., CVPR 2021).

    meta-noise prepare cnwl --from CNWL --rates 0.2 0.4 0.6 0.8 --to data/prepared
    python -m meta_noise.main --config=configs/cnwl.py:rate=0.4 --workdir=runs/cnwl_red_40

50,000 images of 100 classes with a known share of web images of other things, 5,000 clean ones to measure on. Two
networks, batches of 64 rows from each side of the split and 128 for the outer loss, SGD 0.02 with Nesterov momentum 0.9
and weight decay 5e-4, 30 epochs of warm-up, then 300, x0.1 at 200 and 250 of these (230 and 280 of all); at 60% and 80%
at 100 and 200, as in the released scripts (the supplement says 200 and 250 for all). An epoch goes once through the
longer side of a split that finds all wrong labels; the released code differs and goes by the split at hand. Mixup alpha
1 / 1.5 / 1.5 / 2, unlabelled factor 50 / 50 / 50 / 100 at 20 / 40 / 60 / 80%; rates in between take those of the next
higher one. Warm-up batches are of the same size, 128. Published: 51.42 / 48.06 / 45.10 / 35.50; cross-entropy alone
47.36 / 42.70 / 37.30 / 29.76 (`cnwl.py:rate=0.4,supervised`). `blue` takes the flipped labels, of which the paper has
no table.
Hours: not stated in the paper, not measured here.
"""

import ml_collections

from meta_noise.config.argument import vary
from meta_noise.config.cifar import famus_steps
from meta_noise.data.sources.cnwl import COLOURS, RATES
from meta_noise.errors import InputError

SETTINGS = {0.2: (1.0, 50.0, [200, 250]), 0.4: (1.5, 50.0, [200, 250]), 0.6: (1.5, 50.0, [100, 200])}
HIGHEST = (2.0, 100.0, [100, 200])  # alpha, unlabelled factor, epochs at which the rate falls


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns the setting above; `arg` as `blue,rate=0.2,supervised,seed=1`."""
    parts = [part.strip() for part in arg.split(",")]
    colour = next((part for part in parts if part in COLOURS), "red")
    rate = next((part.removeprefix("rate=") for part in parts if part.startswith("rate=")), "0.4")
    if rate not in map(str, RATES):
        raise InputError(f"There is no CNWL set with rate={rate}; the rates are {', '.join(map(str, RATES))}.")
    rest = ",".join(part for part in parts if part not in COLOURS and not part.startswith("rate="))
    alpha, factor, epochs = next((SETTINGS[known] for known in SETTINGS if float(rate) <= known), HIGHEST)
    config = {
        "data": {
            "name": "cnwl",
            "path": "data/prepared",
            "pixels": "cifar100_dividemix",
            "colour": colour,
            "rate": float(rate),
        },
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 0},
        "augment": {"name": "crop_flip", "pad": 4, "mode": "zero"},
        "model": {"name": "preact_resnet"},
        "method": {"name": "famus"},
        "optimizer": {"name": "sgd", "lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4},
        "schedule": {"name": "piecewise", "epochs": epochs, "factor": 0.1},
        "train": {"epochs": 300, "batch_size": 128},
    }
    tuned = {
        "famus": {
            "method": {"alpha": alpha, "unlabelled_factor": factor},
            "train": {"warmup_epochs": 30, "epoch_steps": famus_steps(50_000, float(rate)), "clean_batch_size": 128},
        }
    }
    return ml_collections.ConfigDict(vary(config, rest, tuned))
