"""CIFAR-10 under synthetic noise: MW-Net, MLC-LCN, L2R, IEG, MLC-T and FaMUS in the settings of their papers.

    python -m meta_noise.data.download cifar10 data/cifar10
    python -m meta_noise.main --config=configs/cifar10.py:mw_net,uniform=0.4 --config.data.path=data/cifar10 \
        --workdir=runs/cifar10

Published test accuracy, and the argument; the rates are those of `uniform` unless another noise stands there.

    MW-Net (Shu et al., NeurIPS 2019), ResNet-32, two flips:  mw_net,flip2,flip=0.2 / 0.4            90.33 / 87.54
    the same with WRN-28-10, 40% / 60%                        mw_net,wide,uniform=0.4                89.27 / 84.07
    L2R (Ren et al., ICML 2018), WRN-28-10, 40%               l2r,wide,uniform=0.4                   86.92
    MLC-LCN (Zheng et al., AAAI 2021), Table 2                mlc_lcn, mean of uniform and flip=0.0 to 0.9: 86.81
    FaMUS (Xu et al., CVPR 2021), Table 1, 20 / 40 / 60%      mw_net,wide,sampler                    92.9 / 90.5 / 85.8
    FaMUS without clean rows, Table 5, 40 / 60%               famus                                  95.37 / 94.97
    IEG (Zhang et al., CVPR 2020), Table 1, 20 / 40 / 80%     ieg                                    96.2 / 95.9 / 93.7
    IEG, Table 3, 20 / 40 / 80% of five classes               ieg,asymmetric=0.4                     96.5 / 94.9 / 79.3
    IEG, Table 4, labels of a VGG-13, 34% wrong               ieg,from_file=0                        88.3
    IEG, Table 5, 40% images of CIFAR-100                     ieg,open_set=0.4                       92.3
    MLC-T (Wang et al., CVPR 2020), 10 / 20 / 30 / 40%        mlc_t,flip_any,flip=0.4                85.23 to 79.89

`clean=10`, `clean=50` are further rows of IEG's Table 1, `ieg,rn29` its ResNet-29; --config.noise.file names the labels
of its Table 4, `semantic=0.62` makes similar ones; `mlc_lcn,released` has the batch-norm passes of the released code.
The loaders of MLC-LCN draw clean and validation rows apart from each other and from the noisy ones, MLC-T takes its
clean rows from the test set; here one split of the training rows serves all. FaMUS took a rate of 0.05 in Table 1
(--config.optimizer.lr). The 5,000 rows that select the epoch keep their noisy labels, so clean labels are all that is
used; they shorten no run, as epochs have the steps of the papers. Paper, released code and this setting by setting:
docs/papers/settings.md. Hours: not measured on an accelerator, and no cell was run to its end here; a step of MW-Net
with ResNet-32 takes seconds on two CPU cores.
"""

import ml_collections

from meta_noise.config.cifar import cifar_setting

VARIANTS = (
    "",
    "supervised",
    "clean_only",
    "noisy_and_clean",
    "mlc_lcn,flip=0.4",
    "mlc_lcn,released",
    "l2r",
    "mw_net,flip2,flip=0.4",
    "mw_net,wide,uniform=0.6",
    "mw_net,wide,sampler,uniform=0.6",
    "l2r,wide",
    "l2r,wide,sampler",
    "mlc_t,flip_any,flip=0.4",
    "ieg,uniform=0.8",
    "ieg,rn29,clean=10",
    "ieg,paper",
    "ieg,asymmetric=0.4",
    "ieg,open_set=0.4",
    "famus",
    "famus,uniform=0.6",
    "dividemix,asymmetric=0.4",
    "glc",
    "mixup",
    "m_correction",
    "joint_optimization",
)


def get_config(arg: str = "") -> ml_collections.ConfigDict:
    """Returns MW-Net's ResNet-32 script with 40% uniform noise; `arg` as `mlc_lcn,flip=0.4,clean=1000,seed=1`."""
    data, noise = {"name": "cifar10", "path": "data/cifar10"}, {"name": "uniform", "rate": 0.4}
    return ml_collections.ConfigDict(cifar_setting(arg, data, noise))
