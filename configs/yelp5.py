"""Yelp reviews, five stars: the text setting of MLC-LCN (Zheng et al., AAAI 2021), Table 2.

    python -m meta_noise.main --config=configs/yelp5.py:mlc_lcn,uniform=0.4 --workdir=runs/yelp5
    python -m meta_noise.main --config=configs/yelp5.py:mlc_lcn,uniform=0.4,bert --workdir=runs/yelp5_bert

The files are looked for in data/yelp_review_full_csv (--config.data.path); where they are not, the message says how to
get them. 500 clean rows, 100 per class; all others train. With the word `bert` in the argument the network is BERT-base
as in the paper, on word pieces of the vocab.txt in data/bert (--config.data.word_pieces); without it, it is a mean of
word vectors (`word_average`), for a CPU. The label network of `bert` has 128 and 768 units as in the paper, which
states no optimiser, schedule, batch, epochs or length: AdamW 2e-5 with 10% warm-up, batches of 32, 3 epochs, 256 tokens
and the label network's Adam 1e-4 are our choice. The paper starts from published weights, ours does with
--config.model.pretrained=data/bert/model.safetensors. Published, mean test accuracy over uniform and flip noise at ten
levels, 0 to 0.9: MLC-LCN 62.61, GLC 60.12, MW-Net 51.27. Hours: not measured on an accelerator; not run to the end
here.
"""

import ml_collections

from meta_noise.config.text import text_setting

VARIANTS = ("", "supervised", "mw_net,flip=0.4", "bert", "bert,supervised", "bert,mw_net", "bert,mlc_t")


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns 40% uniform noise, 500 clean rows, MLC-LCN; `arg` as `bert,mw_net,flip=0.4,seed=1`."""
    return ml_collections.ConfigDict(
        text_setting(arg, "yelp5", "data/yelp_review_full_csv", clean=500, epochs=2, length=256)
    )
