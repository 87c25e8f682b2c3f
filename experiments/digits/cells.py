"""Six methods, two settings, five seeds."""

METHODS = ("supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_lcn")
SETTINGS = ("uniform=0.4,clean=20", "uniform=0.6,clean=100")
CELLS = tuple(
    (f"configs/digits.py:{method},{setting},seed={seed}", {})
    for setting in SETTINGS
    for method in METHODS
    for seed in range(5)
)
