"""Five sets of short texts whose labels come from rules and lists of words: errors as they happen, and few rows.

    python -m meta_noise.main --config=configs/weak_labels.py:l2r,youtube --config.data.path=data/weak_text \
        --workdir=runs/weak_labels
    python -m meta_noise.main --config=configs/weak_labels.py:l2r,hausa --config.data.path=data/hausa_yoruba \
        --workdir=runs/weak_labels

`youtube`, `sms` and `semeval` are of WRENCH (J. Zhang et al., NeurIPS 2021), labelled by the majority of their rules,
`hausa` and `yoruba` titles of news (Hedderich et al., EMNLP 2020), labelled by lists of names. Without a path that
holds the files, the message says how to get them. Twenty clean rows per class; the test rows have true labels. Network
and optimiser are those of `configs/noisy_ag_news.py`, and so are the settings of the methods; 50 epochs are as many
steps as there, give or take a third. Seconds on a CPU.
"""

import ml_collections

from meta_noise.config.argument import Word, vary
from meta_noise.config.text import TUNED

CLASSES = {"youtube": 2, "sms": 2, "semeval": 9, "hausa": 5, "yoruba": 7}
VARIANTS = ("", "supervised,sms", "mlc_lcn,semeval", "l2r,hausa", "l2r,yoruba")

EARLIER = {"joint_optimization": {"method": {"first": 18}}}  # 70 of 200 epochs in its paper


def _word(name: str) -> Word:
    """Returns what the name of a set changes."""
    if name in ("hausa", "yoruba"):
        data = {"name": "hausa_yoruba", "path": "data/hausa_yoruba", "language": name}
    else:
        data = {"name": "weak_text", "path": "data/weak_text", "task": name}
    return Word({"data": data, "clean": {"size": 20 * CLASSES[name]}})


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns spam comments as rules label them, 40 clean rows, MW-Net; `arg` as `mlc_lcn,yoruba,seed=1`."""
    config = {
        "data": {"name": "weak_text", "path": "data/weak_text", "task": "youtube"},
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 40, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "word_average"},
        "method": {"name": "mw_net"},
        "optimizer": {"name": "adam", "lr": 1e-3},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 50, "eval_every": 5, "batch_size": 100},
    }
    words = {name: _word(name) for name in CLASSES}
    return ml_collections.ConfigDict(vary(config, arg, {**TUNED, **EARLIER}, words))
