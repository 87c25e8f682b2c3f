"""Yahoo! Answers, ten topics: the text setting of MLC-LCN (Zheng et al., AAAI 2021), Table 2.

    python -m meta_noise.main --config=configs/yahoo.py:mlc_lcn,uniform=0.4 --workdir=runs/yahoo
    python -m meta_noise.main --config=configs/yahoo.py:mlc_lcn,uniform=0.4,bert --workdir=runs/yahoo_bert

The files are looked for in data/yahoo_answers_csv (--config.data.path); where they are not, the message says how to get
them. 1000 clean rows, 100 per class; all others train. With the word `bert` in the argument the network is BERT-base as
in the paper, on word pieces of the vocab.txt in data/bert (--config.data.word_pieces); without it, it is a mean of word
vectors (`word_average`), for a CPU. The label network of `bert` has 128 and 768 units as in the paper, which states no
optimiser, schedule, batch, epochs or length: AdamW 2e-5 with 10% warm-up, batches of 32, 3 epochs, 256 tokens and the
label network's Adam 1e-4 are our choice. The paper starts from published weights, this from random ones. Published,
mean test accuracy over uniform and flip noise at ten levels, 0 to 0.9: MLC-LCN 73.72, GLC 68.03, MW-Net 60.18. Not run
here.
"""

import ml_collections

from meta_noise.variant import merge, vary

STEP = {"virtual": {"name": "plain_sgd", "rate": 1.0}}
TUNED = {"mw_net": {"meta": {**STEP, "optimizer": {"lr": 1e-2}}}, "mlc_t": {"meta": STEP}}
BERT = {
    "data": {"word_pieces": "data/bert/vocab.txt", "length": 256},
    "model": {"name": "bert"},
    "optimizer": {"name": "adamw", "lr": 2e-5},
    "schedule": {"name": "cosine", "warmup_epochs": 0.3},
    "train": {"epochs": 3, "batch_size": 32, "eval_batch_size": 64},
}
BERT_TUNED = {
    "mlc_lcn": {"method": {"hidden": 768}, "meta": {"optimizer": {"lr": 1e-4}}},
    "mw_net": {"meta": {"virtual": {"name": "live"}}},
}


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% uniform noise, 1000 clean rows, MLC-LCN; `arg` as `bert,mw_net,flip=0.4,seed=1`."""
    words = [word.strip() for word in arg.split(",")]
    config = {
        "data": {"name": "yahoo", "path": "data/yahoo_answers_csv"},
        "noise": {"name": "uniform", "rate": 0.4},
        "clean": {"size": 1000, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "word_average"},
        "method": {"name": "mlc_lcn"},
        "optimizer": {"name": "adam", "lr": 1e-3},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 1, "batch_size": 100},
    }
    if "bert" not in words:
        return ml_collections.ConfigDict(vary(config, arg, TUNED))
    rest = ",".join(word for word in words if word != "bert")
    return ml_collections.ConfigDict(vary(merge(config, BERT), rest, BERT_TUNED))
