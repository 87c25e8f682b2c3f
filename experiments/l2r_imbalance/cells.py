"""L2R on MNIST with a rare class: 5,000 fours and nines by the share of nines; `published.py` has published figures.

The ten trusted images are of the 5,000, five of each class; methods that take none learn them with the others. Their
rates are such that weights are one on average, as those of L2R are. LeNet is the network of the paper, whose cells take
ten minutes of a CPU core each; dense layers are there too, whose cells take half a minute.
"""

DATA = "configs/mnist.py:rare"
IMAGES, TRUSTED, BATCH, STEPS = 5000, 10, 100, 4000
SHARES = (0.9, 0.95, 0.98, 0.99, 0.995)  # of nines
SEEDS = range(3)
NETWORKS = {"mlp": "dense layers", "lenet": "LeNet"}
RATE = 1e-3
INVERSE = {"loss": "class_balanced", "loss_settings": {"beta": 1 - 1e-9}}  # weights by the inverse share
WORDS = {  # row of the table -> word of the config
    "L2R": "l2r",
    "plain": "noisy_and_clean",
    "ratio": "noisy_and_clean",
    "resampling": "noisy_and_clean",
    "hard mining": "hard_mining",
    "random weights": "random_weights",
}


def cell(network: str, row: str, share: float, seed: int) -> tuple[str, dict]:
    """Returns a cell of the table."""
    nines = round(IMAGES * share)
    half = TRUSTED // 2
    changes: dict[str, dict] = {
        "data": {"class_rows": [IMAGES - nines - half, nines - half]},
        "train": {"steps": STEPS if row == "L2R" else 2 * STEPS, "eval_every": 20},
    }
    if network != "lenet":  # that of the config
        changes["model"] = {"name": network}
    if row != "L2R":
        changes["clean"] = {"train_on": "both"}
    if row == "ratio":  # the mean of 1 / share, scaled to sum two, is 4 share (1 - share)
        changes["method"] = INVERSE
        changes["optimizer"] = {"lr": round(RATE / (4 * share * (1 - share)), 8)}
    if row == "resampling":
        changes["train"]["balanced"] = True
    return f"{DATA},{WORDS[row]},seed={seed}", changes


CELLS = tuple(
    cell(network, row, share, seed) for network in NETWORKS for seed in SEEDS for row in WORDS for share in SHARES
)
