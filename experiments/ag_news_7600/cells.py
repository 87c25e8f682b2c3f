"""The 7,600 test texts of AG News, uniform noise of 40% and 80%, three seeds."""

METHODS = ("supervised", "clean_only", "noisy_and_clean", "l2r", "mw_net", "mlc_lcn", "mlc_t")
CELLS = tuple(
    (f"configs/ag_news_7600.py:{method},uniform={rate},seed={seed}", {})
    for seed in range(3)
    for rate in (0.4, 0.8)
    for method in METHODS
)
