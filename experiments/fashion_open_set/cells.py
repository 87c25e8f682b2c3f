"""Open-set noise: 40% of 10,000 images of Fashion-MNIST are digits; methods and strong baselines, three seeds."""

FOREIGN = {"noise": {"sources": ["mnist"], "paths": ["data/mnist"]}}
PLAIN = ("supervised", "clean_only", "noisy_and_clean")
LED = ("l2r", "mw_net", "l2b", "mlc_lcn", "ieg", "glc", "mixmatch")
ALONE = ("elr_plus", "dividemix", "joint_optimization", "m_correction", "mentormix")
PATTERNS = (*(f"{method},open_set=0.4" for method in (*PLAIN, *LED, *ALONE)), "famus,open_set=0.4,clean=auto")
CELLS = tuple(
    (f"configs/fashion_mnist_10k.py:{pattern},seed={seed}", FOREIGN) for seed in range(3) for pattern in PATTERNS
)
