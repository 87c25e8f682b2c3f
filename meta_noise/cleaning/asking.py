"""The rows most worth a look, written for people: as a page, as CSV, and as tasks for other tools."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.cleaning.foreign_issues import with_issues
from meta_noise.cleaning.kept import asked_for
from meta_noise.data.origin import place_of, read_origin
from meta_noise.data.originals import originals
from meta_noise.data.whole import read_whole
from meta_noise.disk.owned import owned
from meta_noise.errors import InputError, unknown_name
from meta_noise.report.answer import QUEUE
from meta_noise.report.labels import read_labels
from meta_noise.report.queue import Shown, write_queue
from meta_noise.report.queue_rows import rows_to_ask
from meta_noise.report.tasks import TOOLS, task_files
from meta_noise.runs.finished import refresh_page


def queue(
    run: str | Path,
    n: int = 200,
    out: str | Path | None = None,
    *,
    seed: int = 0,
    data: Any = None,
    tools: Sequence[str] = (),
    issues: Any = None,
    **changed: Any,
) -> Path:
    """Writes the rows most worth a look as `queue.csv` and as `queue.html`, where people answer; returns the folder.

    Which rows, and why: `meta_noise.report.queue_rows`.

    Args:
        run: folder of a finished run of `meta_noise.clean` or `ingest`.
        n: rows.
        out: where to; `queue` in the run folder if None.
        seed: decides the rows drawn by chance.
        data: the data, where they are not at their old place or were in memory.
        tools: "label-studio", "argilla" or both, to write the rows as tasks for these, too.
        issues: a frame of cleanlab's label issues, or its file, which is believed in place of what the run found.
        changed: settings of `meta_noise.data.own.read` in place of those of the run.

    Raises:
        InputError: the run or the data cannot be used, or the folder holds another queue.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> kinds = np.arange(60) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(60, 3))
    >>> given = np.where(rng.random(60) < 0.2, (kinds + 1) % 3, kinds)
    >>> lines = [f"r{n},{a:.3f},{b:.3f},{c:.3f},{'xyz'[k]}" for n, ((a, b, c), k) in enumerate(zip(points, given))]
    >>> with open(f"{folder}/data.csv", "w") as file:
    ...     for line in ["id,a,b,c,label", *lines]:
    ...         print(line, file=file)
    ...
    >>> fitted = meta_noise.clean(f"{folder}/data.csv", f"{folder}/run", epochs=2)
    >>> asked = meta_noise.queue(f"{folder}/run", n=10)
    >>> sorted(path.name for path in asked.iterdir())
    ['.meta_noise.json', '.meta_noise.lock', 'queue.csv', 'queue.html']
    """
    run = Path(run)
    if n < 1:
        raise InputError(f"A queue has 1 row or more, got {n}.")
    if seed < 0:
        raise InputError(f"The seed of a queue is 0 or more, got {seed}.")
    for tool in tools:
        if tool not in TOOLS:
            raise unknown_name("tool", tool, TOOLS)
    origin, out = read_origin(run), run / "queue" if out is None else Path(out)
    labels = read_labels(run)
    answered = pa.array([answer.id for answer in origin.answers], pa.string())
    labels = labels.filter(pc.invert(pc.is_in(labels["id"], value_set=answered)))
    place, settings = place_of(origin, data, changed), {**origin.settings, **changed}
    order: Sequence[str] = asked_for(run)
    if issues is not None:
        labels = with_issues(labels, issues, read_whole(place, settings))
        order = labels.sort_by("label_quality")["id"].to_pylist()
    if not labels.num_rows:
        raise InputError(f"All rows of {run} have been looked at; there is nothing left to ask.")
    drawn = sum(answer.why == "random" for answer in origin.answers)
    asked = rows_to_ask(labels, n, seed, order, drawn)
    table = labels.take(pa.array(asked.rows))
    ids, given = table["id"].to_pylist(), table["given_label"].to_pylist()
    shown = [Shown(*each) for each in originals(place, settings, ids, given)]
    further: dict[str, bytes] = {}
    for tool in tools:
        further |= task_files(tool, labels, asked, shown, origin.root)
    with owned(out, "queue", "Choose another --out"):
        write_queue(out, labels, asked, shown, f"Which labels are right? {run.name}", origin.root, str(run), further)
    if (run / QUEUE).is_file():  # the page of the run links to it
        with owned(run, "run", "Wait for it, or choose another run"):
            refresh_page(run)
    return out
