"""The settings of the papers on CIFAR, which the configs of CIFAR-10, CIFAR-100 and CIFAR-N share.

Without a further word it is the ResNet-32 script of MW-Net (Shu et al., NeurIPS 2019), which is that of MLC-LCN (Zheng
et al., AAAI 2021) too; the word `wide` is MW-Net's WRN-28-10 script, `sampler` the layer sampler of FaMUS (Xu et al.,
CVPR 2021) in any of them. IEG (Zhang et al., CVPR 2020), MLC-T (Wang et al., CVPR 2020) and FaMUS without clean rows
have settings of their own that come with the name of the method. Epochs are steps divided by those of 49,000 rows.
"""

from collections.abc import Mapping
from typing import Any

from meta_noise.config.argument import Word, vary

_SGD = {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4}
_TUNED: Mapping[str, Any] = {
    "mw_net": {"method": {"reduction": "rows"}},
    "mlc_t": {  # the released code: 30,000 steps of plain training, then 50,000 with a rate of 1e-4
        "clean": {"size": 500, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "wide_resnet_mlc_t"},
        "method": {"mode": "logits_reset"},
        "schedule": {"epochs": [39], "factor": 1e-3},
        "train": {"epochs": 104, "warmup_epochs": 39, "batch_size": 64, "clean_batch_size": 500},
    },
    "ieg": {  # eleven whole cycles of the rate, of the twelve and a half in the 100,000 steps said to be enough
        "augment": {"mode": "zero"},
        "view": {"name": "strong", "on_top": True},
        "model": {"name": "wide_resnet_ieg"},
        "schedule": {"name": "cosine_restarts", "cycles": 11},
        "train": {"epochs": 171},
    },
    "famus": {
        "clean": {"size": 0, "auto": True, "selection": 0},
        "augment": {"mode": "zero"},
        "model": {"name": "preact_resnet"},
        "optimizer": {"lr": 0.02},
        "schedule": {"epochs": [200, 250]},
        "train": {"epochs": 300, "warmup_epochs": 30, "batch_size": 128},
    },
}
_WIDE = Word(
    {
        "model": {"name": "wide_resnet"},
        "optimizer": {"nesterov": True},
        "schedule": {"epochs": [36.8, 38.8]},
        "train": {"epochs": 41},
    },
    {
        "mw_net": {
            "method": {"reduction": "weights"},
            "meta": {"optimizer": {"name": "sgd", "lr": 1e-3, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}},
        },
        "l2r": {
            "model": {"dropout": 0.3},
            "optimizer": {"nesterov": False, "weight_decay": 2e-4},
            "schedule": {"epochs": [81.6, 102]},
            "train": {"epochs": 122},
        },
    },
)
WORDS = {
    "wide": _WIDE,
    "sampler": Word({"meta": {"cotangents": {"name": "layer_sampler"}}}),
    "rn29": Word({}, {"ieg": {"model": {"name": "resnet_v2"}, "optimizer": {"weight_decay": 1e-4}}}),
    "paper": Word({}, {"ieg": {"method": {"halved": False, "scale_logits": False, "factors": "beta"}}}),
    "flip2": Word({"noise": {"name": "flip", "targets": 2}}),
    "flip_any": Word({"noise": {"name": "flip", "targets": "any", "exact": "class"}}),
}


def cifar_setting(arg: str, data: Mapping[str, Any], noise: Mapping[str, Any], ieg_clean: int = 100) -> dict[str, Any]:
    """Returns a complete config.

    Args:
        arg: as in `vary`, and with the words of `WORDS`: `wide`, `sampler`; `rn29` (ResNet-29) and `paper` (its losses
            without the changes of the released code) for IEG; `flip2` (two other classes) and `flip_any` (any other, of
            an exact number of rows), before `flip=RATE`.
        data: the section of the data set.
        noise: the section of the noise.
        ieg_clean: clean rows of IEG: ten per class of CIFAR-10 and CIFAR-100.

    Raises:
        InputError: a part of the argument is not understood.
    """
    config = {
        "data": data,
        "noise": noise,
        "clean": {"size": 1000, "selection": 5000},
        "augment": {"name": "crop_flip", "pad": 4, "mode": "reflect"},
        "model": {"name": "resnet_cifar"},
        "method": {"name": "mw_net"},
        "optimizer": _SGD,
        "schedule": {"name": "piecewise", "epochs": [80, 100], "factor": 0.1},
        "train": {"epochs": 120, "batch_size": 100},
    }
    tuned = {**_TUNED, "ieg": {**_TUNED["ieg"], "clean": {"size": ieg_clean, "selection": 0}}}
    return vary(config, arg, tuned, WORDS)
