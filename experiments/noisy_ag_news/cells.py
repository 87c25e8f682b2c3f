"""NoisyAG-News, 10,000 texts: the labels that people gave, and uniform noise on the true ones.

Methods and baselines that mix no inputs, 400 trusted rows, three seeds; beside them two whose trusted rows are guessed.
"""

from experiments.all_methods import METHODS, MIXING, tuned_after

TRUE = {"data": {"labels": "clean"}}  # noise is then added to the true labels
LABELS: tuple[tuple[str, dict], ...] = (("", {}), (",uniform=0.4", TRUE), (",uniform=0.8", TRUE))
VARIANTS = (
    *((name, {}) for name in METHODS if name not in MIXING),
    ("supervised", tuned_after(8)),
    *((f"{name},clean=auto", {}) for name in ("l2r", "mw_net")),
)
CELLS = tuple(
    (f"configs/noisy_ag_news.py:{method}{noise},seed={seed}", {**overrides, **changes})
    for seed in range(3)
    for noise, changes in LABELS
    for method, overrides in VARIANTS
)
