"""GLC, Figure 2, SST: methods by flips, 1% trusted rows, three seeds; `published.py` has the figures of the paper.

A network that is trained on trusted rows alone takes the steps of five epochs of them, as the first network of
distillation does. Fewer looks at the test set change no figure.
"""

from itertools import product

DATA = "configs/sst2.py:"
TRUSTED, BATCH, EPOCHS = 673, 50, 5
RATES = (0.0, 0.4, 0.5, 0.6, 1.0)
SEEDS = range(3)
ALONE = EPOCHS * -(-TRUSTED // BATCH)  # steps
BOTH = {"clean": {"train_on": "both"}}
CHANGES: dict[str, tuple[str, dict]] = {  # row of the table -> (word of the config, changes)
    "none": ("noisy_and_clean", {}),
    "GLC": ("glc", {}),
    "L2R": ("l2r", {}),
    "distillation": ("distillation", {"train": {"warmup_steps": ALONE}}),
    "gold": ("forward", {"method": {"estimate": "truth"}, **BOTH}),
    "MLC-LCN": ("mlc_lcn", {}),
    "L2B": ("l2b", {}),
    "MW-Net": ("mw_net", {}),
    "forward": ("forward", BOTH),
}


def cell(row: str, rate: float, seed: int) -> tuple[str, dict]:
    """Returns a cell of the table."""
    if row == "trusted only":
        return f"{DATA}clean_only,flip=0.4,seed={seed}", {"train": {"steps": ALONE}}
    word, changes = CHANGES[row]
    train = {"eval_every": EPOCHS, **changes.get("train", {})}
    return f"{DATA}{word},flip={rate:g},seed={seed}", {**changes, "train": train}


SHOWN = [("trusted only", RATES[0]), *product(("none", "GLC"), RATES)]  # the figure
MOST = [(row, rate) for rate in (0.6, 0.4) for row in CHANGES if row not in ("none", "GLC")]
REST = [(row, rate) for row, rate in product(CHANGES, RATES) if (row, rate) not in (*SHOWN, *MOST)]
CELLS = (
    *(cell(row, rate, seed) for seed in SEEDS for row, rate in (*SHOWN, *MOST)),
    *(cell(row, rate, seed) for seed in SEEDS for row, rate in REST),
)
