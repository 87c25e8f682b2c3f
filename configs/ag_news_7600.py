"""The 7,600 test texts of AG News as a data set of their own, after MLC-LCN (Zheng et al., AAAI 2021), Table 2.

    python -m meta_noise.main --config=configs/ag_news_7600.py:mlc_lcn,uniform=0.8 --config.data.path=data/ag_news_csv \
        --workdir=runs/ag_news_7600

6,080 rows train and 1,520 test; 100 clean rows per class as in the paper, which has 120,000 training rows and
BERT-base. The network here is a mean of word vectors that starts from nothing, its optimiser Adam, 12 epochs: seconds
on a CPU. No published figure compares; ours of three seeds are in experiments/ag_news_7600.
"""

import ml_collections

from meta_noise.config.text import text_setting

VARIANTS = ("", "supervised", "l2r", "mw_net", "mlc_t,uniform=0.8", "bert")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% uniform noise, 400 clean rows, MLC-LCN; `arg` as `bert,mw_net,flip=0.4,seed=1`."""
    return ml_collections.ConfigDict(
        text_setting(arg, "ag_news_7600", "data/ag_news_csv", clean=400, epochs=12, length=128)
    )
