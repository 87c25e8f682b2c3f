"""Texts labelled by rules: spam (youtube, sms), relations (semeval), news topics in Hausa and Yoruba; seconds on a CPU.

    python -m meta_noise.main --config=configs/weak_labels.py:youtube,l2r --config.data.path=data/weak_text \
        --workdir=runs/weak_labels

The argument begins with the set. Given labels are what most rules say of a text (21%, 3% and 15% wrong) or what lists
of words say of a title (50% and 33% wrong); 20 trusted rows of each class and the test rows have the true labels, and
100 rows with given labels select the epoch. There are 1,340 to 2,045 rows, so that 50 epochs are about the steps of
`configs/noisy_ag_news.py`, whose settings of network, optimiser and methods these are: nothing was chosen on these
sets. Figures of all methods that take texts: experiments/weak_labels.
"""

import ml_collections

from meta_noise.config.argument import Word, vary
from meta_noise.config.text import TUNED

SETS = {
    **{task: {"name": "weak_text", "path": "data/weak_text", "task": task} for task in ("youtube", "sms", "semeval")},
    **{
        language: {"name": "hausa_yoruba", "path": "data/hausa_yoruba", "language": language}
        for language in ("hausa", "yoruba")
    },
}
CLASSES = {"youtube": 2, "sms": 2, "semeval": 9, "hausa": 5, "yoruba": 7}
VARIANTS = ("", "sms,supervised", "semeval,l2r", "hausa,mlc_lcn", "yoruba,mw_net,clean=auto")

EARLIER = {"joint_optimization": {"method": {"first": 18}}}  # 70 of 200 epochs in its paper


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns YouTube comments, 20 clean rows of each class, MW-Net; `arg` as `yoruba,mlc_lcn,seed=1`."""
    config = {
        "data": SETS["youtube"],
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 40, "selection": 100},
        "augment": {"name": "none"},
        "model": {"name": "word_average"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "adam", "lr": 1e-3},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 50, "batch_size": 100},
    }
    words = {name: Word({"data": data, "clean": {"size": 20 * CLASSES[name]}}) for name, data in SETS.items()}
    return ml_collections.ConfigDict(vary(config, arg, {**TUNED, **EARLIER}, words))
