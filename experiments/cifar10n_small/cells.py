"""CIFAR-10N on a CPU: 5,000 images, a small network, 300 steps: it shows that the path works, no more."""

SMALL = {
    "data": {"name": "cifar10_compact", "limit": 5000},
    "noise": {"name": "none", "rate": 0.0},
    "clean": {"size": 200, "selection": 0},
    "model": {"name": "cnn"},
    "schedule": {"epochs": [4, 5]},
    "train": {"epochs": 6, "batch_size": 96, "clean_batch_size": 96, "eval_batch_size": 500},
}
FAMUS = {"meta": {"cotangents": {"name": "layer_sampler"}}}


def cell(method: str, labels: str, overrides: dict) -> tuple[str, dict]:
    """Returns a run of `configs/cifar10.py` made small."""
    return f"configs/cifar10.py:{method},none", {**SMALL, "data": {**SMALL["data"], "labels": labels}, **overrides}


CELLS = tuple(
    cell(method, labels, overrides)
    for labels in ("aggre", "worst")
    for method, overrides in (("supervised", {}), ("mlc_lcn", {}), ("mw_net", {}), ("mw_net", FAMUS))
)
