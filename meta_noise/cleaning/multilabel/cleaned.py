"""Rows with several labels in memory or in a file, from Python: `meta_noise.clean_multilabel`."""

from typing import Any

import numpy as np
from rich.console import Console

from meta_noise.cleaning.multilabel.files import CLEANED, by_class, labels, summary
from meta_noise.cleaning.multilabel.judged import judge_multilabel
from meta_noise.cleaning.multilabel.rows import all_rows, cleaned, cleaned_name
from meta_noise.cleaning.multilabel.shown import worst_rows
from meta_noise.cleaning.tournament.flags import BY_NOISE, read_threshold
from meta_noise.cleaning.trial import read_budget
from meta_noise.data.multilabel import read_multilabel
from meta_noise.data.own.same_kind import table_like
from meta_noise.encoders.encoder import opened
from meta_noise.encoders.own import fitted_to, with_encoder
from meta_noise.report.multilabel_findings import MultilabelFindings
from meta_noise.terminal import open_console


def clean_multilabel(
    data: Any,
    label: Any = None,
    *,
    flag: str = "",
    budget: str = "",
    seed: int = 0,
    encoder: Any = None,
    console: Console | None = None,
    **settings: Any,
) -> MultilabelFindings:
    """Returns what is known of the labels of rows that may belong to several classes, or to none.

    Args:
        data: a file, a folder of Parquet files, a frame of pandas, Polars or pyarrow, a data set of Hugging Face,
            texts or an array, see `meta_noise.data.own.read`.
        label: the column with several labels in a cell, or the columns of yes and no for each class; a usual name if
            None. Or the labels: N lists, or [N, L] yes and no as an array, a sparse matrix or a frame.
        flag: how many labels are flagged: "precision=0.8", "recall=0.9" or "count=200"; by the estimated noise if "".
        budget: time for all classes, such as "5m"; "" for what suits the rows.
        seed: of folds.
        encoder: of texts or images, see `meta_noise.clean`.
        console: where progress goes; None for nowhere.
        settings: of `meta_noise.data.multilabel.read_multilabel`: trusted, sign, text, image, id, features, ...

    Raises:
        InputError: data or settings are not usable; the message says what would be.

    >>> import numpy as np
    >>> import meta_noise
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.random((90, 2)) < 0.5
    >>> rows = {"a": truth[:, 0] + 0.1 * rng.normal(size=90), "b": truth[:, 1] + 0.1 * rng.normal(size=90)}
    >>> rows["tags"] = [[tag for tag, has in zip(["sea", "sun"], one) if has] for one in truth]
    >>> found = meta_noise.clean_multilabel(rows, "tags")
    >>> len(found.sets)
    90
    """
    threshold, seconds = read_threshold(flag) if flag else BY_NOISE, read_budget(budget)
    if console is None:
        console = open_console()
        console.quiet = True
    encoder = None if encoder is None else opened(encoder)
    settings = {**fitted_to(settings, encoder), "label": label}
    found = read_multilabel(data, **settings)
    found = found._replace(own=with_encoder(found.own, encoder, console))
    judged = judge_multilabel(found, threshold, seed, seconds, console)
    rows = all_rows(data, settings, found, judged)
    name = CLEANED + cleaned_name(data, rows)
    table = table_like(data, labels(rows), bool(settings.get("id")))
    worst = worst_rows(found, judged, rows)
    suggested = np.zeros((len(rows.judged), len(found.names)), bool)
    for row, one in enumerate(rows.suggested):
        suggested[row] = [name in (one or ()) for name in found.names]
    return MultilabelFindings(
        table, by_class(found, judged), summary(found, judged), worst, found.names, suggested, name, cleaned(data, rows)
    )
