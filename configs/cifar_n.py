"""CIFAR-10N and CIFAR-100N: CIFAR with the labels that people gave (Wei et al., ICLR 2022, Table 2).

    python -m meta_noise.data.download cifar10 data/cifar10
    python -m meta_noise.main --config=configs/cifar_n.py:mw_net,labels=worst --config.data.path=data/cifar10 \
        --workdir=runs/cifar10n

CIFAR-10_human.pt has to lie in the same folder; where it does not, the message says how to get it. `labels=` aggre,
random1, random2, random3 or worst; the word `cifar100` is CIFAR-100N. None of the methods' papers has this set: the
setting is that of CIFAR-10 with 1,000 clean rows, of ResNet-32 by MW-Net's script, and the others by their words
(`wide`, `sampler`, `rn29`). Published by the authors of the labels with ResNet-34 and no clean row, cross-entropy on
aggre / random1 / worst: 87.77 / 85.02 / 77.69, CIFAR-100N 55.50; DivideMix 95.01 / 95.16 / 92.56, 71.13. Hours: not
measured on an accelerator, and not run to the end here; 10,000 images and a small network: `configs/cifar10n_10k.py`.
"""

import ml_collections

from meta_noise.config.cifar import cifar_setting

WRONG = {"aggre": 0.09, "random1": 0.17, "random2": 0.18, "random3": 0.18}  # 0.4 of the others, as in the files
VARIANTS = (
    "",
    "supervised,labels=aggre",
    "mlc_lcn,labels=random1",
    "ieg",
    "famus",
    "cifar100",
    "cifar100,ieg,rn29",
)


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns CIFAR-10N, labels "worst", MW-Net; `arg` as `mlc_lcn,labels=aggre,seed=1` or `cifar100,mw_net`."""
    words = [word.strip() for word in arg.split(",")]
    data = {"name": "cifar10n", "path": "data/cifar10", "labels": "worst"}
    if "cifar100" in words:
        data = {"name": "cifar100n", "path": "data/cifar100", "labels": "noisy"}
    rest = ",".join(word for word in words if word != "cifar100")
    clean = 1000 if "cifar100" in words else 100
    labels = next((word.removeprefix("labels=") for word in words if word.startswith("labels=")), data["labels"])
    none, wrong = {"name": "none", "rate": 0.0}, WRONG.get(labels, 0.4)
    return ml_collections.ConfigDict(cifar_setting(rest, data, none, clean, wrong))
