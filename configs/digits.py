"""Digits: 1,797 real handwritten digits of scikit-learn, embedded, with 40% uniform noise and 20 clean rows.

    python -m meta_noise.main --config=configs/digits.py --workdir=runs/digits
"""

import ml_collections


def get_config(arg: str = ""):
    return ml_collections.ConfigDict({"method": {"name": arg or "mw_net"}})
