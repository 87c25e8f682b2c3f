"""ANIMAL-10N with VGG-13: plain training, or a method without clean rows (`famus`); in none of the four papers.

    meta-noise prepare animal10n --from ANIMAL10N --to data/prepared
    python -m meta_noise.main --config=configs/animal10n.py --workdir=runs/animal10n

50,000 images of 64 x 64 pixels of ten animals, about 8% of the labels wrong (Song et al., "SELFIE", ICML 2019), 5,000
test images. The schedule is SELFIE's: batches of 128, SGD 0.1 with momentum 0.9, 100 epochs, x0.2 at 50 and 75; the
weight decay is a choice of ours. SELFIE publishes 79.4 for plain training and 81.8 for its method, both with VGG-19;
the network here is VGG-13.
Hours: not stated, not measured here.
"""

import ml_collections

from meta_noise.config.argument import vary


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns the setting above; `arg` as `famus,seed=1`."""
    config = {
        "data": {"name": "animal10n", "path": "data/prepared"},
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 0},
        "augment": {"name": "crop_flip", "pad": 4},
        "model": {"name": "vgg"},
        "method": {"name": "supervised"},
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "piecewise", "epochs": [50, 75], "factor": 0.2},
        "train": {"epochs": 100, "batch_size": 128},
    }
    return ml_collections.ConfigDict(vary(config, arg))
