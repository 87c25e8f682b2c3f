"""MNIST, all 60,000 images from the official files: a small CNN, the setting of GLC, and a network of MLC-T.

    python -m meta_noise.data.download mnist data/mnist
    python -m meta_noise.main --config=configs/mnist.py:mw_net,uniform=0.4 --config.data.path=data/mnist \
        --workdir=runs/mnist

Without a word: shifts of two pixels, SGD 0.1, 10 epochs, our choice. The word `glc_table` is the setting of GLC
(Hendrycks et al., NeurIPS 2018, Table 1), which MLC-T (Wang et al., CVPR 2020) compares with: dense layers
784-128-128-10, Adam 1e-3 with weight decay 1e-6, 10 epochs, batches of 32, no augmentation; 60, 600 or 3,000 clean
images (`clean=60` and so on), here 600. The word `lenet` is the network in the code of MLC-T, whose settings on MNIST
are not published. The word `rare` is the setting of L2R (Ren et al., ICML 2018, section 4.1): fours and nines alone,
right labels, 10 clean images, LeNet, momentum 0.9, rate 1e-3, batches of 100, 4,000 steps, and 8,000 for what it is
compared with; `config.data.class_rows=(495,4495)` makes the fours rare; figures in experiments/l2r_imbalance.
GLC publishes errors averaged over noise levels, none for a single one that compares. Minutes on two CPU cores with the
CNN, about one with `glc_table`; not measured on an accelerator.
"""

import ml_collections

from meta_noise.config.argument import Word, vary

WORDS = {
    "glc_table": Word(
        {
            "clean": {"size": 600, "selection": 0},
            "augment": {"name": "none"},
            "model": {"name": "mlp"},
            "optimizer": {"name": "adam", "lr": 1e-3, "weight_decay": 1e-6},
            "schedule": {"name": "constant"},
            "train": {"batch_size": 32},
        },
        # The rate of Adam is no step for a plain virtual update.
        {name: {"meta": {"virtual": {"name": "plain_sgd", "rate": 0.1}}} for name in ("mw_net", "mlc_t")},
    ),
    "lenet": Word({"model": {"name": "lenet"}}),
    "rare": Word(
        {
            "data": {"classes": ["4", "9"]},
            "noise": {"name": "none", "rate": 0.0},
            "clean": {"size": 10, "selection": 0},
            "augment": {"name": "none"},
            "model": {"name": "lenet"},
            "optimizer": {"name": "sgd", "lr": 1e-3, "momentum": 0.9, "weight_decay": 0.0},
            "schedule": {"name": "constant"},
            "train": {"steps": 4000, "batch_size": 100},
        },
    ),
}
VARIANTS = (
    "",
    "supervised",
    "mlc_lcn,uniform=0.8",
    "mlc_t,lenet,flip=0.4",
    "glc_table,supervised",
    "glc_table,mw_net",
    "glc_table,mlc_t",
    "glc_table,glc",
    "rare,l2r",
    "rare,hard_mining",
)


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% uniform noise, 1,000 clean images, MW-Net; `arg` as `glc_table,mlc_t,flip=0.4,clean=60,seed=1`."""
    config = {
        "data": {"name": "mnist", "path": "data/mnist"},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": 1000, "selection": 1000},
        "augment": {"name": "crop_flip", "pad": 2, "flip": False},
        "model": {"name": "cnn"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 10, "batch_size": 100},
    }
    return ml_collections.ConfigDict(vary(config, arg, words=WORDS))
