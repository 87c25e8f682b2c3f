"""All methods on 10,000 images of Fashion-MNIST under three kinds of noise, 200 clean images or none, three seeds."""

METHODS = ("supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_t", "mlc_lcn", "ieg")
WITHOUT_CLEAN = ("famus", "mw_net")
NOISES = ("uniform=0.4", "uniform=0.8", "flip=0.4")
FAMUS = {"meta": {"cotangents": {"name": "layer_sampler"}}}
VARIANTS = (
    *((f"{method},%s,seed=%d", {}) for method in METHODS),
    *((f"{method},%s,seed=%d", FAMUS) for method in ("mw_net", "mlc_t", "l2r")),
    *((f"{method},%s,clean=auto,seed=%d", {}) for method in WITHOUT_CLEAN),
)
CELLS = tuple(
    (f"configs/fashion_mnist_10k.py:{pattern % (noise, seed)}", overrides)
    for seed in range(3)
    for noise in NOISES
    for pattern, overrides in VARIANTS
)
