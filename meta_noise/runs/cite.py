"""BibTeX of what a run used: method, data, noise, network, losses, augmentation, and this library."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from meta_noise.disk.sealed import DamageError, read_json
from meta_noise.errors import InputError, absent
from meta_noise.runs.folder import CONFIG
from meta_noise.version import __version__

REFERENCES = Path(__file__).with_name("references.bib")
PLAIN = {  # what nobody has to be cited for
    "methods/supervised",
    "losses/cross_entropy",
    "models/cnn",
    "models/mlp",
    "data/arrays",
    "noise/from_file",
    "noise/none",
    "augment/none",
    "augment/crop_flip",
    "cotangents/fixed_block",
    "cotangents/keep_all",
    "cotangents/keep_last",
    "cotangents/keep_layers",
    "cotangents/random_layers",
}
SOFTWARE = """@software{{meta_noise,
  author = {{The meta\\_noise authors}},
  title = {{meta\\_noise: robust classifiers from noisy labels by meta-learning}},
  version = {{{version}}},
}}
"""


class Reference(NamedTuple):
    """An entry of references.bib: its text without the field `used`, and the names that it is for."""

    text: str
    used: frozenset[str]


def references() -> list[Reference]:
    """Returns all entries of references.bib.

    >>> any("methods/l2r" in one.used for one in references())
    True
    """
    entries = re.findall(r"^@.*?^}\n", REFERENCES.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    pattern = re.compile(r"  used = \{(.*)\},\n")
    return [Reference(pattern.sub("", one), frozenset(pattern.findall(one)[0].split(", "))) for one in entries]


def names_of(config: Mapping[str, Any]) -> list[str]:
    """Returns what a config names, as "room/name", in the order of its sections.

    >>> names_of({"method": {"name": "l2r", "loss": "gce"}, "data": {"name": "digits"}})
    ['methods/l2r', 'losses/gce', 'data/digits']
    """

    def at(*path: str) -> Any:
        value: Any = config
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    found = [
        ("methods", at("method", "name")),
        ("losses", at("method", "loss")),
        ("cotangents", at("meta", "cotangents", "name")),
        ("clean", "auto" if at("clean", "auto") else None),
        ("models", at("model", "name")),
        ("data", at("data", "name")),
        ("noise", at("noise", "name")),
        ("augment", at("augment", "name")),
        ("augment", at("view", "name")),
    ]
    return list(dict.fromkeys(f"{room}/{name}" for room, name in found if isinstance(name, str) and name))


def bibtex(names: list[str], version: str = __version__) -> str:
    """Returns the entries for names of the form "room/name", this library first; a comment for each that has none.

    >>> print(bibtex(["losses/gce"]).splitlines()[-1])
    }
    """
    known = references()
    chosen = [one.text for one in known if one.used & set(names)]
    cited = frozenset().union(*(one.used for one in known))
    lost = [name for name in names if name not in cited | PLAIN]
    notes = [f"% {name!r:.100} is not part of this library; cite where it comes from.\n" for name in lost]
    return "\n".join([SOFTWARE.format(version=version), *chosen, *notes])


def cite(run: str | Path) -> str:
    """Returns the BibTeX of what a run used.

    Args:
        run: a run folder, finished or not.

    Raises:
        DataNotFoundError: there is no such folder.
        InputError: it is no run folder, or its config is damaged.
    """
    folder = Path(run)
    if not folder.exists():
        raise absent(folder)
    path = folder / CONFIG
    if not path.is_file():
        raise InputError(f"{folder} has no {CONFIG}, so it is no run folder; give the folder that a run wrote.")
    try:
        config = read_json(path)
    except (OSError, DamageError) as error:
        raise InputError(f"{path} is damaged ({error}). Put back an intact copy.") from error
    names = names_of(config)
    return bibtex([*names, "votes"] if (folder / "annotators.csv").is_file() else names)
