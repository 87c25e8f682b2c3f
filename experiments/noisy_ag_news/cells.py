"""NoisyAG-News, 10,000 texts: the labels that people gave, and uniform noise on the true ones, three seeds."""

NO_CLEAN = ("l2r,clean=auto", "mw_net,clean=auto")
METHODS = ("supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_t", "mlc_lcn", *NO_CLEAN)
TRUE = {"data": {"labels": "clean"}}  # noise is then added to the true labels
CELLS = tuple(
    (f"configs/noisy_ag_news.py:{method},seed={seed}", {}) for seed in range(3) for method in METHODS
) + tuple(
    (f"configs/noisy_ag_news.py:{method},uniform={rate},seed={seed}", TRUE)
    for seed in range(3)
    for rate in (0.4, 0.8)
    for method in ("supervised", "l2r", "mw_net", "mlc_lcn", *NO_CLEAN)
)
