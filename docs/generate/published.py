"""Figures that papers print, each with its table or section, for comparison beside ours.

Accuracies are in per cent. What a source does not say is not here.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """A figure of a paper.

    Attributes:
        method: name of ours that it belongs to; with " + famus" where FaMUS's sampler is on it.
        where: paper and table.
        setting: data, noise, network, clean rows.
        value: as printed.
        config: what would run it here, empty: nothing does.
    """

    method: str
    where: str
    setting: str
    value: str
    config: str = ""


L2R = "Ren et al., ICML 2018"
MW_NET = "Shu et al., NeurIPS 2019"
MLC_LCN = "Zheng et al., AAAI 2021"
MLC_T = "Wang et al., CVPR 2020"
IEG = "Zhang et al., CVPR 2020"
FAMUS = "Xu et al., CVPR 2021"
LDAM = "Cao et al., NeurIPS 2019"

FIGURES = (
    Figure("l2r", L2R, "CIFAR-10, 40% uniform, WRN-28-10, 1,000 clean", "86.92 ± 0.19", "cifar10.py:l2r,wide"),
    Figure("l2r", L2R, "CIFAR-100, 40% uniform, WRN-28-10, 1,000 clean", "61.34 ± 2.06", "cifar100.py:l2r,wide"),
    Figure("l2r", f"{FAMUS}, Table 1", "CIFAR-10, 20 / 40 / 60% uniform", "90.5 / 86.9 / 82.2", "cifar10.py:l2r,wide"),
    Figure(
        "l2r + famus",
        f"{FAMUS}, Table 1",
        "CIFAR-10, 20 / 40 / 60% uniform",
        "91.3 / 87.6 / 82.8",
        "cifar10.py:l2r,wide,sampler",
    ),
    Figure("mw_net", MW_NET, "CIFAR-10, 40 / 60% uniform, WRN-28-10", "89.27 / 84.07", "cifar10.py:mw_net,wide"),
    Figure("mw_net", MW_NET, "CIFAR-100, 40 / 60% uniform, WRN-28-10", "67.73 / 58.75", "cifar100.py:mw_net,wide"),
    Figure(
        "mw_net", MW_NET, "CIFAR-10, 20 / 40% flips, ResNet-32", "90.33 / 87.54", "cifar10.py:mw_net,flip2,flip=0.4"
    ),
    Figure(
        "mw_net", f"{FAMUS}, Table 1", "CIFAR-10, 20 / 40 / 60% uniform", "91.9 / 89.6 / 84.5", "cifar10.py:mw_net,wide"
    ),
    Figure("mw_net", f"{MLC_LCN}, Table 2", "CIFAR-10, mean of 20 settings, ResNet-32", "65.12", "cifar10.py:mw_net"),
    Figure(
        "mw_net + famus",
        f"{FAMUS}, Table 1",
        "CIFAR-10, 20 / 40 / 60% uniform",
        "92.9 / 90.5 / 85.8",
        "cifar10.py:mw_net,wide,sampler",
    ),
    Figure(
        "mw_net + famus",
        f"{FAMUS}, Table 1",
        "CIFAR-100, 20 / 40 / 60% uniform",
        "73.6 / 69.4 / 62.9",
        "cifar100.py:mw_net,wide,sampler",
    ),
    Figure("mlc_lcn", f"{MLC_LCN}, Table 2", "CIFAR-10, mean of 20 settings, ResNet-32", "86.81", "cifar10.py:mlc_lcn"),
    Figure(
        "mlc_lcn", f"{MLC_LCN}, Table 2", "CIFAR-100, mean of 20 settings, ResNet-32", "53.68", "cifar100.py:mlc_lcn"
    ),
    Figure("mlc_lcn", f"{MLC_LCN}, Table 3", "Clothing1M, ResNet-50", "75.78", "clothing1m.py"),
    Figure(
        "mlc_t",
        f"{FAMUS}, Table 2",
        "CIFAR-10, 10 / 20 / 30 / 40%, WRN-40-2",
        "85.23 / 84.28 / 82.10 / 79.89",
        "cifar10.py:mlc_t,flip_any,flip=0.4",
    ),
    Figure(
        "mlc_t + famus",
        f"{FAMUS}, Table 2",
        "CIFAR-10, 10 / 20 / 30 / 40%, WRN-40-2",
        "87.28 / 85.00 / 82.65 / 80.41",
        "cifar10.py:mlc_t,sampler",
    ),
    Figure("mlc_t", f"{FAMUS}, supplement", "Clothing1M", "71.06"),
    Figure("ieg", IEG, "CIFAR-10, 80% uniform, WRN-28-10, 100 clean", "93.7 ± 0.5", "cifar10.py:ieg,uniform=0.8"),
    Figure("ieg", IEG, "CIFAR-100, 80% uniform, WRN-28-10, 1,000 clean", "75.5 ± 0.2", "cifar100.py:ieg,uniform=0.8"),
    Figure("ieg", IEG, "Clothing1M, ResNet-50", "77.21", "clothing1m.py:ieg"),
    Figure(
        "famus",
        f"{FAMUS}, Table 5",
        "CIFAR-10, 40% uniform, PreActResNet-18, no clean row",
        "95.37 ± 0.15",
        "cifar10.py:famus,uniform=0.4",
    ),
    Figure(
        "famus",
        f"{FAMUS}, Table 5",
        "CIFAR-10, 60% uniform, no clean row",
        "94.97 ± 0.11",
        "cifar10.py:famus,uniform=0.6",
    ),
    Figure(
        "famus",
        f"{FAMUS}, Table 5",
        "CIFAR-100, 40 / 60% uniform, no clean row",
        "75.91 ± 0.19 / 73.58 ± 0.28",
        "cifar100.py:famus,uniform=0.4",
    ),
    Figure("famus", f"{FAMUS}, Table 6", "mini WebVision, top 1 / top 5", "79.40 / 92.80", "webvision_mini.py"),
    Figure(
        "famus",
        f"{FAMUS}, Table 7",
        "red mini-ImageNet, 20 / 40 / 60 / 80%",
        "51.42 / 48.06 / 45.10 / 35.50",
        "cnwl.py:rate=0.4",
    ),
    Figure("famus", f"{FAMUS}, supplement", "Clothing1M, no clean row", "74.43", "clothing1m.py:famus"),
    Figure("ldam_drw", LDAM, "CIFAR-10-LT, imbalance 100 / 10, ResNet-32", "77.03 / 88.16", "cifar_lt.py:ldam_drw"),
    Figure("ldam_drw", LDAM, "CIFAR-100-LT, imbalance 100 / 10, ResNet-32", "44.70 / 59.59"),
)
