"""Twitter part-of-speech tags, 25 classes: the setting of GLC (Hendrycks et al., NeurIPS 2018), which MLC-T also used.

    python -m meta_noise.main --config=configs/twitter_pos.py:mlc_t,uniform=0.4 --config.data.path=data/twitter_pos \
        --workdir=runs/twitter_pos

Without a path that holds the files, the message says how to get them. Training and development tweets train, the others
test; 5% of the 19,442 words are clean (GLC: 1%, 5%, 25%; `clean=194`, `clean=972`, `clean=4860`), 40% of the labels
wrong. Adam 1e-3 with weight decay 5e-5, 15 epochs, batches of 64. It differs in the words, whose vectors are learned
here and were published ones there, and in the clean rows, drawn evenly over the classes. What MLC-T did on this set its
abstract does not say, and no figure of it is known to us. Seconds on a CPU.
"""

import ml_collections

from meta_noise.config.argument import vary
from meta_noise.config.text import TUNED

VARIANTS = ("", "supervised", "mw_net", "mlc_lcn,flip=0.4,clean=194")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% uniform noise, 972 clean words, MLC-T; `arg` as `mw_net,flip=0.4,clean=194,seed=1`."""
    config = {
        "data": {"name": "twitter_pos", "path": "data/twitter_pos"},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": 972, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "twitter_mlp"},
        "method": {"name": "mlc_t"},
        "optimizer": {"name": "adam", "lr": 1e-3, "weight_decay": 5e-5},
        "schedule": {"name": "constant"},
        "train": {"epochs": 15, "batch_size": 64},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
