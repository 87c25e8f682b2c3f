"""Short texts labelled by rules and lists of words, 20 trusted rows per class, three seeds.

Methods and baselines that mix no inputs; beside them two whose trusted rows are guessed.
"""

from experiments.all_methods import METHODS, MIXING, tuned_after

SETS = ("youtube", "sms", "semeval", "hausa", "yoruba")
VARIANTS = (
    *((name, {}) for name in METHODS if name not in MIXING),
    ("supervised", tuned_after(50)),
    *((f"{name},clean=auto", {}) for name in ("l2r", "mw_net")),
)
CELLS = tuple(
    (f"configs/weak_labels.py:{method},{name},seed={seed}", overrides)
    for seed in range(3)
    for name in SETS
    for method, overrides in VARIANTS
)
