"""All methods and baselines under nine noises, 100 trusted rows, three seeds, one setting for each method."""

PLAIN = ("supervised", "clean_only", "noisy_and_clean")
ONCE = ("glc", "forward", "distillation", "mixmatch")  # learn from trusted rows before or beside, not by a meta step
LED = ("l2r", "mw_net", "cmw_net", "l2b", "emlc", "mlc_t", "mlc_lcn", "ieg", *ONCE)
ALONE = ("mixup", "decoupling", "co_teaching", "jocor", "joint_optimization", "m_correction", "mentornet", "mentormix")
PAIRS = ("elr_plus", "dividemix", "famus")
TUNED_AFTER = {"train": {"finetune_epochs": 60}}  # plain training on the trusted rows after the method
PAIRED = {"noise": {"pairs": [[2, 7], [3, 8], [5, 6], [6, 5], [7, 1]]}}
NOISES = (
    "uniform=0.4",
    "uniform=0.8",
    "flip=0.4",
    "asymmetric=0.4",
    "instance=0.4",
    "uniform=0.2",
    "uniform=0.6",
    "flip=0.2",
    "asymmetric=0.8",
)
VARIANTS = (*((name, {}) for name in (*PLAIN, *LED, *ALONE, *PAIRS)), ("supervised", TUNED_AFTER))


def _size(method: str) -> str:
    return "auto" if method == "famus" else "100"


CELLS = tuple(
    (
        f"configs/digits.py:{method},{noise},clean={_size(method)},seed={seed}",
        {**overrides, **(PAIRED if noise.startswith("asymmetric") else {})},
    )
    for noise in NOISES
    for method, overrides in VARIANTS
    for seed in range(3)
)
