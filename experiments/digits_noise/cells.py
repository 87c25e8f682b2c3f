"""All methods under three kinds of noise, 100 clean rows, three seeds."""

METHODS = ("supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_t", "mlc_lcn", "ieg")
NOISES = ("uniform=0.4", "uniform=0.8", "flip=0.4")
FAMUS = {"meta": {"cotangents": {"name": "layer_sampler"}}}
STEPS = tuple({"meta": {"steps": k}} for k in (5, 10)) + tuple({"meta": {"every": k}} for k in (5, 10))
WITHOUT_CLEAN = ("famus", "l2r", "mw_net", "mlc_t", "mlc_lcn", "ieg")
VARIANTS = (*((method, {}) for method in METHODS), ("mw_net", FAMUS), *(("mlc_lcn", change) for change in STEPS))
CELLS = tuple(
    (f"configs/digits.py:{method},{noise},clean=100,seed={seed}", overrides)
    for noise in NOISES
    for method, overrides in VARIANTS
    for seed in range(3)
) + tuple(
    (f"configs/digits.py:{method},{noise},clean=auto,seed={seed}", {})
    for noise in NOISES
    for method in WITHOUT_CLEAN
    for seed in range(3)
)
