"""Long-tailed Fashion-MNIST, imbalance 100: losses for imbalance, and MW-Net with and without FaMUS's sampler."""

SAMPLER = {"meta": {"cotangents": {"name": "layer_sampler", "lr": 0.01}}}
COSINES = {"model": {"head": "normalised"}}
LDAM = {**COSINES, "method": {"loss": "ldam", "outer_scale": 30.0}}
ALWAYS_ONE = {"meta": {"cotangents": {"name": "layer_sampler", "lr": 0.01, "always": 1}}}  # cosines have no bias
VARIANTS = (
    ("supervised", {}),
    ("supervised", {"method": {"loss": "focal"}}),
    ("supervised", {"method": {"loss": "class_balanced"}}),
    ("supervised", {**COSINES, "method": {"loss": "ldam"}}),
    ("ldam_drw", {}),
    ("mw_net", {}),
    ("mw_net", SAMPLER),
    ("mw_net", LDAM),
    ("mw_net", {**LDAM, **ALWAYS_ONE}),
)
CELLS = tuple(
    (f"configs/fashion_mnist_lt.py:{method},seed={seed}", overrides)
    for seed in range(3)
    for method, overrides in VARIANTS
)
