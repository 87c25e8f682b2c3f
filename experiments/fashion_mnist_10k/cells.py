"""All methods and baselines on 10,000 images of Fashion-MNIST under ten noises, 200 trusted rows, three seeds.

Beside them stand FaMUS's sampler on three methods and MW-Net without trusted rows, under three of the noises.
"""

from experiments.all_methods import METHODS, sized, tuned_after

FEW = ("uniform=0.4", "uniform=0.8", "flip=0.4")
PAIRED = {"noise": {"pairs": [[9, 7], [7, 5], [2, 6], [3, 4], [4, 3]]}}
CHANGES = {
    "asymmetric=0.8": PAIRED,
    "asymmetric=0.4": PAIRED,
    "open_set=0.4": {"noise": {"sources": ["mnist"], "paths": ["data/mnist"]}},
}
NOISES = (
    *FEW,
    "instance=0.4",
    "asymmetric=0.8",
    "open_set=0.4",
    "asymmetric=0.4",
    "uniform=0.2",
    "uniform=0.6",
    "flip=0.2",
)
SAMPLER = {"meta": {"cotangents": {"name": "layer_sampler"}}}
VARIANTS = (*((f"{name},%s,{sized(name, 200)}", {}) for name in METHODS), ("supervised,%s,clean=200", tuned_after(30)))
FURTHER = (
    *((f"{name},%s,clean=200", SAMPLER) for name in ("mw_net", "mlc_t", "l2r")),
    ("mw_net,%s,clean=auto", {}),
)
CELLS = tuple(
    (f"configs/fashion_mnist_10k.py:{pattern % noise},seed={seed}", {**overrides, **CHANGES.get(noise, {})})
    for seed in range(3)
    for noise in NOISES
    for pattern, overrides in (*VARIANTS, *(FURTHER if noise in FEW else ()))
)
