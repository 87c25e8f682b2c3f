"""GLC, Table 1, MNIST: methods by noise of every rate; `published.py` has the figures of the paper.

A network that is trained on trusted rows alone takes the steps of ten epochs of them, as the first network of
distillation does. Longer blocks of steps in one call and fewer looks at the test set change no figure. The paper has no
meta-learning method; ours take the setting as it is, with the virtual step that the config gives MW-Net (the rate of
Adam is no step for it).
"""

from itertools import product

DATA = "configs/mnist.py:glc_table"
TRUSTED, BATCH, EPOCHS = 600, 32, 10
NOISES = ("flip", "uniform")
EVEN, ODD = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (0.1, 0.3, 0.5, 0.7, 0.9)
RATES = tuple(sorted(EVEN + ODD))
FURTHER = (1, 2)  # seeds beyond the first, of the paper's rows with 600 trusted rows
QUICK = {"steps_per_call": 25, "eval_every": EPOCHS}
VIRTUAL = {"meta": {"virtual": {"name": "plain_sgd", "rate": 0.1}}}
PAPER: dict[str, tuple[str, dict]] = {  # row of the table -> (word of the config, changes)
    "GLC": ("supervised", {"method": {"name": "glc"}}),
    "none": ("noisy_and_clean", {}),
    "confusion": ("supervised", {"method": {"name": "glc", "estimate": "classes"}}),
    "gold": ("supervised", {"method": {"name": "forward", "estimate": "truth"}, "clean": {"train_on": "both"}}),
    "forward": ("supervised", {"method": {"name": "forward"}, "clean": {"train_on": "both"}}),
    "distillation": ("supervised", {"method": {"name": "distillation"}}),
}
OURS: dict[str, tuple[str, dict]] = {
    "MLC-T": ("mlc_t", {}),
    "MW-Net": ("mw_net", {}),
    "L2R": ("l2r", {}),
    "MLC-LCN": ("mlc_lcn", {}),
    "L2B": ("l2b", {}),
    "IEG": ("ieg", VIRTUAL),  # its own reads a momentum, which Adam lacks
    "FaMUS": ("famus", VIRTUAL),
}
ROWS = {**PAPER, **OURS}


def alone(trusted: int) -> int:
    """Returns the steps of ten epochs of the trusted rows."""
    return EPOCHS * -(-trusted // BATCH)


def cell(row: str, noise: str, rate: float, trusted: int = TRUSTED, seed: int = 0) -> tuple[str, dict]:
    """Returns a cell of the table."""
    size = "" if trusted == TRUSTED and row != "FaMUS" else f",clean={trusted}"
    size += f",seed={seed}" if seed else ""
    if row == "trusted only":
        return f"{DATA},clean_only,flip=0.4{size}", {"train": {"steps": alone(trusted), "steps_per_call": 10}}
    word, changes = ROWS[row]
    train = {**QUICK, "warmup_steps": alone(trusted)} if row == "distillation" else QUICK
    return f"{DATA},{word},{noise}={rate:g}{size}", {**changes, "train": train}


CELLS = (
    cell("trusted only", "flip", 0.4),
    *(cell(row, noise, rate) for noise in NOISES for row, rate in product(PAPER, EVEN)),
    *(cell(row, noise, rate) for noise, row, rate in product(NOISES, OURS, EVEN)),
    *(cell("trusted only", "flip", 0.4, trusted) for trusted in (60, 3000)),
    *(cell(row, noise, rate, trusted) for trusted, noise, row, rate in product((60, 3000), NOISES, PAPER, EVEN)),
    *(cell(row, noise, rate) for noise in NOISES for row, rate in product(PAPER, ODD)),
    *(cell(row, noise, rate, trusted) for trusted, noise, row, rate in product((3000, 60), NOISES, PAPER, ODD)),
    *(cell("trusted only", "flip", 0.4, seed=seed) for seed in FURTHER),
    *(cell(row, noise, rate, seed=seed) for seed, noise, row, rate in product(FURTHER, NOISES, PAPER, RATES)),
    *(cell(row, noise, rate) for row, noise, rate in product(OURS, NOISES, ODD)),
)
