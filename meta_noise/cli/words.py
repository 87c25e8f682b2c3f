"""Sentences from below the command line, in the words of its commands.

What trains a config is shared with what trains a user's own data, and its sentences speak of `--workdir` and of
`config.train.epochs`. A command has other names for some of these settings, and none for the rest. What reads own data
is shared with Python, and its sentences speak of `label=...`, too.
"""

import re

from meta_noise.config.schema import SECTIONS

OPTIONS = {  # setting -> option of `meta-noise clean`
    "config.train.epochs": "--epochs",
    "config.seed": "--seed",
    "config.method": "--method",
    "config.method.name": "--method",
    "config.model": "--model",
    "config.model.name": "--model",
    "config.data.limit": "--max-rows",
}
SENTENCES = (  # what is said to the writer of a config, and to the user of a command
    (r"[Rr]un `python -m meta_noise\.main --config=\.\.\. --workdir=.*?` again", "Give the command of the run again"),
    (r"holds a run with another config", "holds a run with other settings"),
    (
        r"Try a lower learning rate.*?workdir\.",
        "Try another --method or --model, or look for extreme inputs, with a new --out.",
    ),
    (
        r"Use a smaller config\.train\.batch_size, or config\.meta\.remat.*\.",
        "Use a smaller --model, or smaller pictures (--image-size).",
    ),
    (r"\(--workdir, --out\)", "(--out)"),
    (r"--workdir", "--out"),
    (r"\b(a new|another|this|the) workdir\b", r"\1 --out"),
    (r"\bworkdir\b", "--out"),
)
FROM_PYTHON = (  # what is said to the caller of a function, and to the user of a command
    (r"\bmeta_noise\.clean_multilabel\(\.\.\., sign=\S+\) \((--[^()]+)\)", r"\1"),
    (r"\b\w+=\S+ \((--[^()]+)\)", r"\1"),
    (r"\b(label|image|text|id|split|features)=\.{3}", r"--\1"),
    (r"\btrusted=(?='|\")", "--trusted "),
    (r"^(method|model|epochs|seed) (?=is )", r"--\1 "),
)
KEY = rf"(?<![\w-])config\.(?:{'|'.join(('seed', *SECTIONS))})\b(?:\.\w+)*"
ONLY_KEY = re.compile(rf" \(({KEY})(?:=[^\s()]+)?\)")
ANY_KEY = re.compile(KEY)


def told(text: str) -> str:
    """Returns a sentence with the settings of a config as options of a command, where there are such options."""
    for pattern, words in (*SENTENCES, *FROM_PYTHON):
        text = re.sub(pattern, words, text, flags=re.DOTALL)
    text = ONLY_KEY.sub(lambda match: f" ({OPTIONS[match[1]]})" if match[1] in OPTIONS else "", text)
    return ANY_KEY.sub(lambda match: OPTIONS.get(match[0]) or f"the setting {match[0].removeprefix('config.')}", text)
