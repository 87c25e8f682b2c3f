"""Mini WebVision with Inception-ResNet-v2: FaMUS (Xu et al., CVPR 2021) and IEG (Zhang et al., CVPR 2020), tables 6.

    meta-noise prepare webvision_mini --from WEBVISION --imagenet ILSVRC2012 --clean 10 --to data/prepared
    python -m meta_noise.main --config=configs/webvision_mini.py --workdir=runs/webvision_mini
    python -m meta_noise.main --config=configs/webvision_mini.py:ieg --workdir=runs/webvision_mini_ieg

65,944 images of 50 classes from the web, labels as they were found; accuracies, top-1 and top-5, on the 2,500
validation images of WebVision (test) and on those of ImageNet for the same classes (imagenet). `--clean 10` takes ten
training images of ImageNet for each class, which FaMUS leaves alone and methods that need trusted rows use.

FaMUS: two networks, no trusted row; batches of 16 rows from each side of the split, SGD 0.02 with Nesterov momentum 0.9
and weight decay 5e-4, 150 epochs, x0.1 at 100. Warm-up, mixup and unlabelled factor are not stated for this set: 1
epoch before these, 0.5 and 0 are those of DivideMix. An epoch has as many steps as with a split in halves; the released
code differs and goes once through the longer side. Published: 79.40 / 92.80 (WebVision), 77.00 / 92.76 (ImageNet).
IEG: 500 trusted rows, p = 4, k = 8, the rest of the schedule not stated in its paper, here as above with a batch of 32.
Published: 80.0 / 94.9 (ImageNet).
Images: a random part resized to 299 x 299, mirrored half of the time; in evaluation the middle 299 of 320 pixels.
Hours: not stated in the papers, not measured here.
"""

import ml_collections

from meta_noise.config.argument import vary

TRUSTED = {"data": {"trusted": True}}
TUNED = {
    "famus": {
        "method": {"alpha": 0.5, "unlabelled_factor": 0.0},
        "optimizer": {"nesterov": True},
        "train": {"warmup_epochs": 1, "clean_batch_size": 32},
    },
    "ieg": {
        **TRUSTED,
        "method": {"noisy_factor": 4.0, "consistency_factor": 8.0},
        "view": {"name": "strong", "on_top": True},
    },
    "mw_net": TRUSTED,
    "l2r": TRUSTED,
    "mlc_lcn": TRUSTED,
    "mlc_t": TRUSTED,
}


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns the setting above; `arg` as `ieg,seed=1`."""
    config = {
        "data": {
            "name": "webvision",
            "path": "data/prepared",
            "pixels": "imagenet",
            "mini": True,
            "size": 299,
            "resize": 320,
        },
        "noise": {"name": "none", "rate": 0.0},
        "clean": {"size": 0},
        "augment": {"name": "crop_flip", "pad": 0},
        "model": {"name": "inception_resnet_v2"},
        "method": {"name": "famus"},
        "optimizer": {"name": "sgd", "lr": 0.02, "momentum": 0.9, "weight_decay": 5e-4},
        "schedule": {"name": "piecewise", "epochs": [100], "factor": 0.1},
        "train": {"epochs": 150, "batch_size": 32, "eval_batch_size": 100},
    }
    return ml_collections.ConfigDict(vary(config, arg, TUNED))
