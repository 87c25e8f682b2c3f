"""MLC-LCN's meta-gradient over k steps: exact with both engines, and the discounted window of the paper."""

EXACT = tuple({"meta": {"steps": k, "engine": engine}} for k in (5, 10) for engine in ("mixed_mode", "unrolled"))
WINDOW = tuple({"meta": {"every": k}} for k in (5, 10))
CELLS = tuple(
    (f"configs/digits.py:mlc_lcn,uniform={rate},clean=100,seed={seed}", overrides)
    for rate in (0.6, 0.8)
    for overrides in ({}, {"meta": {"engine": "unrolled"}}, *EXACT, *WINDOW)
    for seed in range(3)
)
