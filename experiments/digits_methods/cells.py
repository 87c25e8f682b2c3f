"""All methods and baselines under nine noises, 100 trusted rows, three seeds, one setting for each method.

Beside them, under the first three noises: methods whose trusted rows are guessed, FaMUS's sampler on MW-Net, and
MLC-LCN with a meta step for several steps.
"""

from experiments.all_methods import METHODS, sized, tuned_after

PAIRED = {"noise": {"pairs": [[2, 7], [3, 8], [5, 6], [6, 5], [7, 1]]}}
NOISES = (
    "uniform=0.4",
    "uniform=0.8",
    "flip=0.4",
    "asymmetric=0.4",
    "instance=0.4",
    "uniform=0.2",
    "uniform=0.6",
    "flip=0.2",
    "asymmetric=0.8",
)
VARIANTS = (*((name, {}) for name in METHODS), ("supervised", tuned_after(60)))
FURTHER: tuple[tuple[str, str, dict], ...] = (
    *((name, "clean=auto", {}) for name in ("l2r", "mw_net", "mlc_t", "mlc_lcn", "ieg")),
    ("mw_net", "clean=100", {"meta": {"cotangents": {"name": "layer_sampler"}}}),
    *(("mlc_lcn", "clean=100", {"meta": {word: k}}) for word in ("steps", "every") for k in (5, 10)),
)
CELLS = (
    *(
        (
            f"configs/digits.py:{method},{noise},{sized(method, 100)},seed={seed}",
            {**overrides, **(PAIRED if noise.startswith("asymmetric") else {})},
        )
        for noise in NOISES
        for method, overrides in VARIANTS
        for seed in range(3)
    ),
    *(
        (f"configs/digits.py:{method},{noise},{size},seed={seed}", overrides)
        for noise in NOISES[:3]
        for method, size, overrides in FURTHER
        for seed in range(3)
    ),
)
