"""The settings of the papers on CIFAR, which the configs of CIFAR-10, CIFAR-100 and CIFAR-N share.

Without a further word it is the ResNet-32 script of MW-Net (Shu et al., NeurIPS 2019), which is that of MLC-LCN (Zheng
et al., AAAI 2021) too; the word `wide` is MW-Net's WRN-28-10 script, `sampler` the layer sampler of FaMUS (Xu et al.,
CVPR 2021) in any of them, with gates on the whole last group of blocks. L2R (Ren et al., ICML 2018), IEG (Zhang et al.,
CVPR 2020), MLC-T (Wang et al., CVPR 2020), FaMUS without clean rows, GLC, mixup, M-correction, joint optimisation and
DivideMix have settings of their own that come with the name of the method. An epoch has as many steps as in the
scripts, whatever rows are held out here, but for GLC, mixup, M-correction and joint optimisation; where a script
counts steps, so does the config. docs/papers/settings.md holds paper, released code and this side by side.
"""

import math
from collections.abc import Mapping
from typing import Any

from meta_noise.config.argument import Word, vary

_SGD = {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4}
_IEG_STEPS = 85_498  # eleven cycles, the first of 500 steps, each 1.5 times longer; the twelfth ends at 128,746
_TUNED: Mapping[str, Any] = {
    "mw_net": {"method": {"reduction": "rows"}},
    "l2r": {
        "schedule": {"epochs": [], "at_steps": [40_000, 60_000]},
        "train": {"steps": 80_000, "epoch_steps": 500},
    },
    "mlc_t": {  # after the plain steps that belong to the mode, 50,000 with a rate of 1e-4
        "data": {"pixels": "unit"},
        "clean": {"size": 500, "selection": 0},
        "augment": {"name": "none"},
        "model": {"name": "wide_resnet_mlc_t"},
        "method": {"mode": "logits_reset"},
        "schedule": {"epochs": [], "at_steps": [0], "factor": 1e-3},
        "train": {"steps": 50_000, "epoch_steps": 1000, "batch_size": 64, "clean_batch_size": 500},
    },
    "ieg": {
        "data": {"pixels": "unit"},
        "augment": {"mode": "zero", "pad": 2},
        "view": {"name": "strong", "on_top": True},
        "model": {"name": "wide_resnet_ieg"},
        "schedule": {"name": "cosine_restarts", "cycles": 11},
        "train": {"steps": _IEG_STEPS, "epoch_steps": 500},
    },
    "famus": {
        "clean": {"size": 0, "auto": True, "selection": 0},
        "augment": {"mode": "zero"},
        "model": {"name": "preact_resnet"},
        "optimizer": {"lr": 0.02, "nesterov": True},
        "schedule": {"epochs": [200, 250], "at_steps": []},
        "train": {"epochs": 300, "steps": 0, "batch_size": 128},
    },
    "dividemix": {  # 300 epochs with the warm-up, a drop at 150 of them
        "clean": {"size": 0, "selection": 0},
        "augment": {"mode": "zero"},
        "model": {"name": "preact_resnet"},
        "optimizer": {"lr": 0.02},
        "schedule": {"at_steps": []},
        "train": {"steps": 0, "batch_size": 128},
    },
    "glc": {
        "augment": {"mode": "zero"},
        "model": {"name": "wide_resnet", "depth": 40, "widening": 2, "dropout": 0.3},
        "optimizer": {"nesterov": True},
        "schedule": {"name": "cosine"},
        "train": {"epochs": 75, "epoch_steps": 0, "batch_size": 128},
    },
    "mixup": {
        "augment": {"mode": "zero"},
        "model": {"name": "preact_resnet"},
        "optimizer": {"weight_decay": 1e-4},
        "schedule": {"epochs": [100, 150]},
        "train": {"epochs": 200, "epoch_steps": 0, "batch_size": 128},
    },
    "m_correction": {  # 300 epochs with the warm-up, drops at 100 and 250 of them
        "augment": {"mode": "zero"},
        "model": {"name": "preact_resnet"},
        "optimizer": {"weight_decay": 1e-4},
        "schedule": {"epochs": [-5, 145]},
        "train": {"epochs": 195, "warmup_epochs": 105, "epoch_steps": 0, "batch_size": 128},
    },
    "joint_optimization": {  # the first of its two parts; `method.again=200` and 120 epochs more are the second
        "augment": {"mode": "zero"},
        "model": {"name": "preact_resnet"},
        "optimizer": {"weight_decay": 1e-4},
        "schedule": {"name": "constant"},
        "train": {"epochs": 200, "epoch_steps": 0, "batch_size": 128},
    },
}
_WIDE = Word(
    {
        "model": {"name": "wide_resnet"},
        "optimizer": {"nesterov": True},
        "schedule": {"epochs": [], "at_steps": [18_000, 19_000]},
        "train": {"steps": 20_000, "epoch_steps": 500},
    },
    {
        "mw_net": {
            "method": {"reduction": "weights"},
            "meta": {"optimizer": {"name": "sgd", "lr": 1e-3, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}},
        },
        "l2r": {
            "model": {"dropout": 0.3},
            "optimizer": {"nesterov": False, "weight_decay": 2e-4},
            "schedule": {"epochs": [], "at_steps": [40_000, 50_000]},
            "train": {"steps": 60_000},
        },
    },
)
_PAPER_OF_IEG = {"halved": False, "scale_logits": False, "factors": "beta", "constant_guess": True}
WORDS = {
    "wide": _WIDE,
    "sampler": Word({"meta": {"cotangents": {"name": "layer_sampler"}}}),
    "rn29": Word({}, {"ieg": {"model": {"name": "resnet_v2"}, "optimizer": {"weight_decay": 1e-4}}}),
    "paper": Word({}, {"ieg": {"method": _PAPER_OF_IEG}}),
    "released": Word({}, {"mlc_lcn": {"method": {"apart": True}}}),
    "flip2": Word({"noise": {"name": "flip", "targets": 2}}),
    "flip_any": Word({"noise": {"name": "flip", "targets": "any", "exact": "class"}}),
}
LAST_GROUP = {"wide_resnet": 29, "resnet_cifar": 32}  # its tensors, with the last norm and the classifier
FAMUS_ROWS, FAMUS_HALF = 50_000, 64  # training rows; rows of a batch from each side of the split


def cifar_setting(
    arg: str, data: Mapping[str, Any], noise: Mapping[str, Any], ieg_clean: int = 100, wrong: float | None = None
) -> dict[str, Any]:
    """Returns a complete config.

    Args:
        arg: as in `vary`, and with the words of `WORDS`: `wide`, `sampler`; `rn29` (ResNet-29) and `paper` (its losses
            without the changes of the released code) for IEG; `released` (the clean half passes by itself) for MLC-LCN;
            `flip2` (two other classes) and `flip_any` (any other, of an exact number of rows), before `flip=RATE`.
        data: the section of the data set.
        noise: the section of the noise.
        ieg_clean: clean rows of IEG: ten per class of CIFAR-10 and CIFAR-100.
        wrong: share of wrong labels, of which the length of FaMUS's epochs depends; None: by the noise.

    Raises:
        InputError: a part of the argument is not understood.
    """
    config = {
        "data": {"pixels": "cifar10", **data},
        "noise": noise,
        "clean": {"size": 1000, "selection": 5000},
        "augment": {"name": "crop_flip", "pad": 4, "mode": "reflect"},
        "model": {"name": "resnet_cifar"},
        "method": {"name": "mw_net"},
        "optimizer": _SGD,
        "schedule": {"name": "piecewise", "epochs": [80, 100], "factor": 0.1},
        "train": {"epochs": 120, "epoch_steps": 490, "batch_size": 100},
    }
    hundred = data["name"].startswith("cifar100")
    tuned = {**_TUNED, "ieg": {**_TUNED["ieg"], "clean": {"size": ieg_clean, "selection": 0}}}
    varied = vary(config, arg, tuned, WORDS)
    cotangents = varied["meta"].get("cotangents", {})
    if cotangents.get("name") == "layer_sampler" and varied["model"]["name"] in LAST_GROUP:
        cotangents["top_k"] = LAST_GROUP[varied["model"]["name"]]
    if varied["method"]["name"] == "dividemix":
        warm, share = 30 if hundred else 10, _wrong(varied["noise"], 100 if hundred else 10) if wrong is None else wrong
        varied["data"]["pixels"] = "cifar100_dividemix" if hundred else "cifar10_dividemix"
        steps = math.ceil((1 - share) * FAMUS_ROWS / FAMUS_HALF - 1e-9)  # all rows once that are labelled rightly
        varied["train"] |= {"warmup_epochs": warm, "epochs": 300 - warm, "epoch_steps": max(steps, 1)}
        varied["schedule"]["epochs"] = [150 - warm]
        varied["method"]["unlabelled_factor"] = _unlabelled_factor(hundred, varied["noise"], share)
        varied["method"]["penalty"] = float(varied["noise"]["name"] == "asymmetric")
    if varied["method"]["name"] == "famus":
        share = _wrong(varied["noise"], 100 if hundred else 10) if wrong is None else wrong
        varied["data"]["pixels"] = "cifar100_dividemix" if hundred else "cifar10_dividemix"
        varied["train"] |= {"warmup_epochs": 30 if hundred else 10, "epoch_steps": famus_steps(FAMUS_ROWS, share)}
        varied["method"]["unlabelled_factor"] = _unlabelled_factor(hundred, varied["noise"], share)
    return varied


def famus_steps(rows: int, wrong: float, half: int = FAMUS_HALF) -> int:
    """Returns the steps of an epoch of FaMUS: once through the longer side of a split that finds all wrong labels.

    The released code differs: it counts by the split at hand, `max(ceil(n_trusted / half), ceil(n_others / half))`.
    """
    return math.ceil(max(wrong, 1 - wrong) * rows / half - 1e-9)  # 500 for 500.0000001


def _wrong(noise: Mapping[str, Any], classes: int) -> float:
    """Returns the expected share of wrong labels."""
    if noise["name"] == "uniform":
        return noise["rate"] * (classes - 1) / classes
    return noise["rate"] / 2 if noise["name"] == "asymmetric" and classes == 10 else noise["rate"]


def _unlabelled_factor(hundred: bool, noise: Mapping[str, Any], wrong: float) -> float:
    """Returns the largest lambda_u that DivideMix has for a rate of noise; rates between take the next higher one's.

    Of labels that people gave the share of `wrong` ones is the rate.
    """
    rate = wrong if noise["name"] == "none" else noise["rate"]
    if hundred:
        return 25.0 if rate <= 0.2 else 150.0
    if rate <= 0.2 or noise["name"] == "asymmetric":
        return 0.0
    return 25.0 if rate <= 0.8 else 50.0
