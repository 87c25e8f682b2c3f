"""Open-set noise: 40% of 10,000 images of Fashion-MNIST are digits; methods and strong baselines, three seeds."""

FOREIGN = {"noise": {"sources": ["mnist"], "paths": ["data/mnist"]}}
PLAIN = ("supervised", "clean_only", "noisy_and_clean")
LED = ("l2r", "mw_net", "l2b", "mlc_lcn", "ieg", "glc", "mixmatch")
ALONE = ("elr_plus", "dividemix", "joint_optimization", "m_correction", "mentormix")
PATTERNS = (*(f"{method},open_set=0.4" for method in (*PLAIN, *LED, *ALONE)), "famus,open_set=0.4,clean=auto")
SHIFTED = {"view": {"name": "crop_flip", "pad": 2}}  # as the config has it for IEG and FaMUS
VIEWED = ("mixmatch", "dividemix")  # compare two views of a row

CLIPPED = {"optimizer": {"clip": 1.0}}  # as it has for L2R, whose rule L2B shares


def _cell(pattern: str, seed: int) -> tuple[str, dict]:
    method = pattern.split(",")[0]
    further = SHIFTED if method in VIEWED else CLIPPED if method == "l2b" else {}
    return f"configs/fashion_mnist_10k.py:{pattern},seed={seed}", {**FOREIGN, **further}


CELLS = tuple(_cell(pattern, seed) for seed in range(3) for pattern in PATTERNS)
