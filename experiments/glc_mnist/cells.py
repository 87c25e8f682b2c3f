"""GLC, Table 1, MNIST: methods by flips of every rate, 600 trusted rows; `published.py` has the figures of the paper.

A network that is trained on trusted rows alone takes the steps of ten epochs of them, as the first network of
distillation does. Longer blocks of steps in one call and fewer looks at the test set change no figure.
"""

from itertools import product

DATA = "configs/mnist.py:glc_table"
TRUSTED, BATCH, EPOCHS = 600, 32, 10
RATES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
QUICK = {"steps_per_call": 25, "eval_every": EPOCHS}
ALONE = EPOCHS * -(-TRUSTED // BATCH)  # steps
CHANGES: dict[str, tuple[str, dict]] = {  # row of the table -> (word of the config, changes)
    "glc": ("supervised", {"method": {"name": "glc"}}),
    "none": ("noisy_and_clean", {}),
    "confusion": ("supervised", {"method": {"name": "glc", "estimate": "classes"}}),
    "gold": ("supervised", {"method": {"name": "forward", "estimate": "truth"}, "clean": {"train_on": "both"}}),
    "forward": ("supervised", {"method": {"name": "forward"}, "clean": {"train_on": "both"}}),
    "distillation": ("supervised", {"method": {"name": "distillation"}, "train": {"warmup_steps": ALONE}}),
}


def cell(row: str, rate: float) -> tuple[str, dict]:
    """Returns a cell of the table."""
    word, changes = CHANGES[row]
    return f"{DATA},{word},flip={rate:g}", {**changes, "train": {**QUICK, **changes.get("train", {})}}


TRUSTED_ONLY = (f"{DATA},clean_only,flip=0.4", {"train": {"steps": ALONE, "steps_per_call": 10}})
CELLS = (TRUSTED_ONLY, *(cell(row, rate) for row, rate in product(CHANGES, RATES)))
