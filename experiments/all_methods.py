"""All methods and baselines, as the tables of our own data sets run them: one setting for each."""

from typing import Any

PLAIN = ("supervised", "clean_only", "noisy_and_clean")
ONCE = ("glc", "forward", "distillation", "mixmatch")  # learn from trusted rows before or beside, not by a meta step
LED = ("l2r", "mw_net", "cmw_net", "l2b", "emlc", "mlc_t", "mlc_lcn", "ieg", *ONCE)
ALONE = ("mixup", "decoupling", "co_teaching", "jocor", "joint_optimization", "m_correction", "mentornet", "mentormix")
PAIRS = ("elr_plus", "dividemix", "famus")
METHODS = (*PLAIN, *LED, *ALONE, *PAIRS)
MIXING = ("ieg", "mixmatch", "mixup", "m_correction", "mentormix", "elr_plus", "dividemix", "famus")  # take no texts


def sized(method: str, trusted: int) -> str:
    """Returns the word of a config's argument for so many trusted rows; FaMUS guesses which rows to trust."""
    return "clean=auto" if method == "famus" else f"clean={trusted}"


def tuned_after(epochs: int) -> dict[str, Any]:
    """Returns what a run with `epochs` of plain training on the trusted rows at its end changes."""
    return {"train": {"finetune_epochs": epochs}}
