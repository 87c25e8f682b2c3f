"""What can be told about labels before any training, for a notebook: short in print, a table in HTML, a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from meta_noise.disk.sealed import DamageError, read_json, write_json
from meta_noise.errors import InputError
from meta_noise.report.html import rendered

SHOWN = 12  # classes and pairs in a notebook
TEMPLATE = "inspection.html.jinja"


class Inspection(NamedTuple):
    """What was told without training: `found`, a dictionary as `meta-noise inspect --json` writes it.

    Its keys: data, classes, duplicates, unreadable, noise, confused, trusted, notes.
    """

    found: Mapping[str, Any]

    def sentences(self) -> list[str]:
        """Returns what was found, the answer first."""
        noise, data, twins = self.found["noise"], self.found["data"], self.found["duplicates"]
        rate = noise["rate"]
        said = [f"How many labels are wrong is not known: {noise['how']}"]
        if rate is not None:
            said = [f"Wrong labels: {rate['low']:.1%} to {rate['high']:.1%}, perhaps {rate['value']:.1%}."]
        said.append(
            f"{data['rows']:,} rows ({data['kind']}), {data['classes']:,} classes, {data['trusted_rows']:,} trusted."
        )
        if twins["groups"]:
            differ = twins["groups_with_different_labels"]
            said.append(
                f"{twins['rows']:,} rows have a twin; in {differ:,} of {twins['groups']:,} groups labels differ."
            )
        said += self.found.get("annotators", {}).get("sentences", [])
        return [*said, *self.found["trusted"]["verdicts"]]

    def __repr__(self) -> str:
        return f"<Inspection: {' '.join(self.sentences()[:2])}>"

    def _repr_html_(self) -> str:
        """Returns the same with classes and confused pairs for a notebook, all of it escaped."""
        order = sorted(self.found["classes"], key=lambda one: -(one["noise_rate"] or 0))[:SHOWN]
        return rendered(TEMPLATE, sentences=self.sentences(), classes=order, pairs=self.found["confused"][:SHOWN])

    def save(self, path: str | Path) -> Path:
        """Writes it as a JSON file; returns the path.

        Raises:
            InputError: there is such a file that is no inspection.
        """
        path = Path(path)
        if path.exists():
            load_inspection(path)
        write_json(path, self.found)
        return path


def load_inspection(path: str | Path) -> Inspection:
    """Returns what `Inspection.save` wrote.

    Raises:
        InputError: there is no such file, or it is damaged or another.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> kinds = np.arange(60) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(60, 3))
    >>> given = np.where(rng.random(60) < 0.2, (kinds + 1) % 3, kinds)
    >>> rows = {"a": points[:, 0], "b": points[:, 1], "label": ["xyz"[k] for k in given]}
    >>> saved = meta_noise.inspect(rows).save(f"{folder}/found")
    >>> type(meta_noise.load_inspection(f"{folder}/found")).__name__
    'Inspection'
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no file {path}. Give the one that an inspection was saved to.")
    try:
        found = read_json(path)
    except (OSError, DamageError) as error:
        raise InputError(f"{path} is no inspection, or damaged ({error}).") from error
    if missing := {"data", "classes", "duplicates", "noise", "confused", "trusted"} - set(found):
        raise InputError(f"{path} is no inspection: it lacks {', '.join(sorted(missing))}.")
    return Inspection(found)
