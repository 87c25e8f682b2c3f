"""A config: wines, 30% of them with a wrong label, by a data set, a network and a method of one's own.

python -m meta_noise.main --config=wine_config.py --workdir=runs/wine
python -m meta_noise.main --config=wine_config.py:l2r,uniform=0.5,seed=1 --workdir=runs/wine_l2r
"""

from meta_noise.config.argument import vary


def get_config(arg: str = "") -> dict:
    """Returns the settings, section by section; what is left out has its default.

    Args:
        arg: what stands behind the colon, which `vary` reads as it does for the configs of the library.
    """
    config = {
        "data": {"name": "wine.wine"},
        "noise": {"name": "uniform", "rate": 0.3},
        "clean": {"size": 15},
        "model": {"name": "gated_net.GatedNet", "width": 32},
        "method": {"name": "class_weights.class_weights", "loss": "smoothed.smoothed"},
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9},
        "train": {"epochs": 40, "batch_size": 50},
    }
    return vary(config, arg)
