"""Texts labelled by rules: all methods that mix no inputs on five sets, 20 trusted rows of each class, three seeds.

Beside them two methods whose trusted rows are guessed, and plain training that ends with the trusted rows.
"""

from experiments.all_methods import METHODS, MIXING, tuned_after

SETS = ("youtube", "sms", "semeval", "hausa", "yoruba")
VARIANTS = (
    *((name, {}) for name in METHODS if name not in MIXING),
    ("supervised", tuned_after(50)),
    *((f"{name},clean=auto", {}) for name in ("l2r", "mw_net")),
)
CELLS = tuple(
    (f"configs/weak_labels.py:{data},{method},seed={seed}", overrides)
    for seed in range(3)
    for data in SETS
    for method, overrides in VARIANTS
)
