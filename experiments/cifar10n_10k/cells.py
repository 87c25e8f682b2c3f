"""All methods and baselines on 10,000 images of CIFAR-10N, three kinds of people's labels, 200 trusted rows.

The images are those of the compact form of CIFAR-10.
"""

from experiments.all_methods import METHODS, sized, tuned_after

LABELS = ("worst", "aggre", "random1")
VARIANTS = (*((f"{name},{sized(name, 200)}", {}) for name in METHODS), ("supervised,clean=200", tuned_after(10)))
CELLS = tuple(
    (
        f"configs/cifar10n_10k.py:{method},seed={seed}",
        {**overrides, "data": {"name": "cifar10_compact", "labels": labels}},
    )
    for seed in range(3)
    for labels in LABELS
    for method, overrides in VARIANTS
)
