"""Digits: the 1,797 real handwritten digits that come with scikit-learn; no download, under two minutes on two cores.

python -m meta_noise.main --config=configs/digits.py --workdir=runs/digits
python -m meta_noise.main --config=configs/digits.py:l2r,uniform=0.6,clean=100,seed=1 --workdir=runs/digits_l2r
"""

import ml_collections

from meta_noise.config.argument import vary

TUNED = {
    "mlc_lcn": {"meta": {"optimizer": {"lr": 1e-3}}},
    "joint_optimization": {"method": {"first": 21}},  # 70 of 200 epochs in its paper
    "ldam_drw": {"method": {"deferred_epoch": 48.0}},  # 160 of 200
}
VARIANTS = (
    "",
    "supervised",
    "clean_only",
    "noisy_and_clean",
    "l2r",
    "mlc_lcn",
    "mlc_t",
    "ieg",
    "famus",
    "mw_net,clean=auto",
)


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% uniform noise, 20 clean rows (two per class), MW-Net; `arg` changes these."""
    config = {
        "data": {"name": "digits"},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": 20, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "mlp"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 60, "batch_size": 100},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
