"""The text setting of MLC-LCN (Zheng, Awadallah, Dumais, AAAI 2021), which the configs of its data sets share.

The paper has BERT-base and states no optimiser, schedule, batch size, epochs or length: all of these are our choice.
"""

from collections.abc import Mapping
from typing import Any

from meta_noise.config.argument import merge, vary

_STEP = {"virtual": {"name": "plain_sgd", "rate": 1.0}}  # the rate of Adam is no step for a plain virtual update
TUNED: Mapping[str, Any] = {
    "mw_net": {"meta": {**_STEP, "optimizer": {"lr": 1e-2}}},
    "mlc_t": {"meta": _STEP},
}
_BERT = {
    "data": {"word_pieces": "data/bert/vocab.txt"},
    "model": {"name": "bert"},
    "optimizer": {"name": "adamw", "lr": 2e-5},
    "schedule": {"name": "cosine", "warmup_epochs": 0.3},
    "train": {"epochs": 3, "batch_size": 32, "eval_batch_size": 64},
}
_BERT_TUNED = {
    "mlc_lcn": {"method": {"hidden": 768}, "meta": {"optimizer": {"lr": 1e-4}}},
    "mw_net": {"meta": {"virtual": {"name": "live"}}},
}


def text_setting(arg: str, name: str, path: str, clean: int, epochs: int, length: int) -> dict[str, Any]:
    """Returns a complete config: 40% uniform noise, MLC-LCN, a mean of word vectors, or BERT-base by the word `bert`.

    Args:
        arg: as in `vary`, and maybe with the word `bert`.
        name: of the data set.
        path: where its files are looked for.
        clean: clean rows.
        epochs: of the mean of word vectors.
        length: tokens of a text for BERT.

    Raises:
        InputError: a part of the argument is not understood.
    """
    words = [word.strip() for word in arg.split(",")]
    config = {
        "data": {"name": name, "path": path},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": clean, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "word_average"},
        "method": {"name": "mlc_lcn"},
        "optimizer": {"name": "adam", "lr": 1e-3},
        "schedule": {"name": "cosine"},
        "train": {"epochs": epochs, "batch_size": 100},
    }
    if "bert" not in words:
        return vary(config, arg, TUNED)
    rest = ",".join(word for word in words if word != "bert")
    return vary(merge(merge(config, _BERT), {"data": {"length": length}}), rest, _BERT_TUNED)
