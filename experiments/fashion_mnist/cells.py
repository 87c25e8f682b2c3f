"""Six methods on all 60,000 images with 40% uniform noise and 1,000 clean images, one seed."""

METHODS = ("supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_lcn")
CELLS = tuple((f"configs/fashion_mnist.py:{method},uniform=0.4,clean=1000,seed=0", {}) for method in METHODS)
