"""All methods and baselines under nine noises, 100 trusted rows, three seeds, one setting for each method.

Beside them, under the first three noises: methods whose trusted rows are guessed, FaMUS's sampler on MW-Net, and
MLC-LCN with a meta step for several steps.
"""

from experiments.all_methods import METHODS, sized, tuned_after

PAIRED = {"noise": {"pairs": [[2, 7], [3, 8], [5, 6], [6, 5], [7, 1]]}}
CHANGES = dict.fromkeys(("asymmetric=0.4", "asymmetric=0.8"), PAIRED)
FEW = ("uniform=0.4", "uniform=0.8", "flip=0.4")
NOISES = (
    *FEW,
    "asymmetric=0.4",
    "instance=0.4",
    "uniform=0.2",
    "uniform=0.6",
    "flip=0.2",
    "asymmetric=0.8",
)
VARIANTS = (
    *((f"{name},%s,{sized(name, 100)}", {}) for name in METHODS),
    ("supervised,%s,clean=100", tuned_after(60)),
)
FURTHER: tuple[tuple[str, dict], ...] = (
    *((f"{name},%s,clean=auto", {}) for name in ("l2r", "mw_net", "mlc_t", "mlc_lcn", "ieg")),
    ("mw_net,%s,clean=100", {"meta": {"cotangents": {"name": "layer_sampler"}}}),
    *(("mlc_lcn,%s,clean=100", {"meta": {word: k}}) for word in ("steps", "every") for k in (5, 10)),
)
CELLS = tuple(
    (f"configs/digits.py:{pattern % noise},seed={seed}", {**overrides, **CHANGES.get(noise, {})})
    for noise in NOISES
    for pattern, overrides in (*VARIANTS, *(FURTHER if noise in FEW else ()))
    for seed in range(3)
)
