"""All methods and baselines under nine noises, 100 trusted rows, three seeds, one setting for each method."""

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
CELLS = tuple(
    (
        f"configs/digits.py:{method},{noise},{sized(method, 100)},seed={seed}",
        {**overrides, **(PAIRED if noise.startswith("asymmetric") else {})},
    )
    for noise in NOISES
    for method, overrides in VARIANTS
    for seed in range(3)
)
