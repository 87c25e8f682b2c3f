"""MLC-LCN with few clean rows: which settings serve? Three seeds."""

SETTINGS = (
    {"meta": {"optimizer": {"lr": 3e-4}}},
    {"meta": {"optimizer": {"lr": 1e-3}}},
    {"meta": {"optimizer": {"lr": 2e-3}}},
    {"meta": {"optimizer": {"lr": 1e-2}}},
    {"method": {"skip": True}},
    {"method": {"join_clean": False}},
    {"method": {"hidden": 64, "embedding": 64}},
    {"train": {"clean_batch_size": 40}},
)
CELLS = tuple(
    (f"configs/digits.py:mlc_lcn,uniform=0.4,clean=20,seed={seed}", overrides)
    for overrides in SETTINGS
    for seed in range(3)
)
