"""CIFAR-100 under synthetic noise: MW-Net, MLC-LCN, L2R, IEG and FaMUS in the settings of their papers.

    python -m meta_noise.data.download cifar100 data/cifar100
    python -m meta_noise.main --config=configs/cifar100.py:mw_net,wide,uniform=0.4 --config.data.path=data/cifar100 \
        --workdir=runs/cifar100

Published test accuracy, and the argument; the rates are those of `uniform` unless another noise stands there.

    MW-Net (Shu et al., NeurIPS 2019), ResNet-32, two flips:  mw_net,flip2,flip=0.2 / 0.4            64.22 / 58.64
    the same with WRN-28-10, 40% / 60%                        mw_net,wide,uniform=0.4                67.73 / 58.75
    L2R (Ren et al., ICML 2018), WRN-28-10, 40%               l2r,wide,uniform=0.4                   61.34
    MLC-LCN (Zheng et al., AAAI 2021), Table 2                mlc_lcn, mean of uniform and flip=0.0 to 0.9: 53.68
    FaMUS (Xu et al., CVPR 2021), Table 1, 20 / 40 / 60%      mw_net,wide,sampler                    73.6 / 69.4 / 62.9
    FaMUS without clean rows, Table 5, 40 / 60%               famus                                  75.91 / 73.58
    IEG (Zhang et al., CVPR 2020), Table 2, 20 / 40 / 80%     ieg                                    81.2 / 80.2 / 75.5
    the same with ResNet-29                                   ieg,rn29                               69.3 / 67.0 / 60.7

1,000 clean rows, ten per class; `ieg,clean=100` is a further row of Table 2. The superclasses of `asymmetric` and
`hierarchical` are the true ones. Hours: not measured on an accelerator, and no cell was run to its end here.
"""

import ml_collections

from meta_noise.config.cifar import cifar_setting

VARIANTS = (
    "",
    "supervised",
    "mlc_lcn,uniform=0.8",
    "mw_net,flip2,flip=0.4",
    "mw_net,wide,sampler,uniform=0.6",
    "l2r",
    "l2r,wide",
    "ieg,uniform=0.8",
    "ieg,rn29,clean=100",
    "ieg,asymmetric=0.4",
    "ieg,hierarchical=0.4",
    "famus,uniform=0.2",
    "famus,uniform=0.6",
)


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns MW-Net's ResNet-32 script with 40% uniform noise; `arg` as `ieg,uniform=0.8,clean=1000,seed=1`."""
    data, noise = {"name": "cifar100", "path": "data/cifar100"}, {"name": "uniform", "rate": 0.4}
    return ml_collections.ConfigDict(cifar_setting(arg, data, noise, ieg_clean=1000))
