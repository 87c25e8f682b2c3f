"""SST, phrases of film reviews, negative or positive: the setting of GLC (Hendrycks et al., NeurIPS 2018), Figure 2.

    python -m meta_noise.main --config=configs/sst2.py:glc,flip=0.4 --config.data.path=data/sst2 --workdir=runs/sst2

67,349 phrases train, 1% of them clean, 1,821 sentences test; a mean of 100 numbers a word and a linear layer, the
10,000 most frequent words, 30 of a phrase, Adam 5e-4, batches of 50, 5 epochs, and 5 more for methods with a first
network. Errors with flips that the figure shows, read off it: GLC about 0.19 / 0.28 / 0.38 / 0.27 / 0.19 at 0 / 0.4 /
0.5 / 0.6 / 1, plain training 0.32 / 0.50 / 0.67 at 0.4 / 0.5 / 0.6. Word vectors are learned, as in the released code.
It differs from that in the words (there stop words are left out, and the mean is over all 30 places, empty ones too),
in the clean rows, which are drawn evenly over the classes, in the 872 phrases of the development part, which train
there too, and in a weight decay of 1e-5 on the last layer. Half a minute to two minutes on a CPU core; figures in
experiments/glc_sst.
"""

import ml_collections

from meta_noise.config.argument import vary
from meta_noise.config.text import TUNED

VOCABULARY = 10_000
VARIANTS = ("", "supervised", "l2r", "mlc_lcn")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% flips, 673 clean phrases, GLC; `arg` as `mw_net,flip=0.6,seed=1`."""
    config = {
        "data": {"name": "sst2", "path": "data/sst2", "vocabulary": VOCABULARY, "length": 30},
        "noise": {"name": "flip", "rate": 0.4},
        "clean": {"size": 673, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "word_average", "vocabulary": VOCABULARY, "width": 100, "hidden": 0},
        "method": {"name": "glc"},
        "optimizer": {"name": "adam", "lr": 5e-4},
        "schedule": {"name": "constant"},
        "train": {"epochs": 5, "batch_size": 50},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
