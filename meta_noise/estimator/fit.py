"""`meta_noise.fit`: rows and labels in, a classifier out that does not believe wrong labels."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from meta_noise.cleaning.said import say_findings
from meta_noise.config.argument import merge
from meta_noise.estimator.classifier import NoisyLabelClassifier
from meta_noise.runs import run
from meta_noise.terminal import usual_console

METHOD, MODEL = "mw_net", "mlp"  # of a run that names none


def fit(
    inputs: Any,
    labels: Any = None,
    *,
    trusted: Any = None,
    method: str = "",
    model: Any = "",
    config: Mapping[str, Any] | None = None,
    epochs: int = 0,
    console: Console | None = None,
    **settings: Any,
) -> NoisyLabelClassifier | run.Fitted:
    """Trains a classifier on rows with noisy labels.

    With nothing but rows, labels and trusted rows the labels are judged as `meta_noise.clean` judges them, and a fitted
    `NoisyLabelClassifier` is returned. Where a method, a network by name, a config or another setting of a run is
    given, a network is trained as it says, and a `Fitted` is returned, see `meta_noise.runs.run.fit`.

    Args:
        inputs: N rows as `NoisyLabelClassifier` takes them. For a run: [N, height, width, channels] uint8 images, or
            [N, D] numbers.
        labels: [N] classes, or the name of their column; None for the column `label`. For a run: 0..C-1.
        trusted: [N] bool, True for rows whose label is known to be right.
        method: a file in `meta_noise/methods`, or a dotted path; "mw_net" for a run if "".
        model: for a run a file in `meta_noise/models`, or a dotted path, "mlp" if ""; else what predicts new rows, as
            `NoisyLabelClassifier` takes it.
        config: further settings of a run, as nested dictionary.
        epochs: of a network; 0 for what suits the rows, or what the config says.
        console: where progress goes; None for a notebook or a terminal, where there is one.
        settings: of a run: test, ids, class_names, true_labels, workdir; or of `NoisyLabelClassifier`: flag, text,
            image, features, random_state.

    Returns:
        A fitted `NoisyLabelClassifier`, or the `Fitted` of a run.

    Raises:
        InputError: rows or settings are not usable; the message says what would be.

    >>> import numpy as np
    >>> import meta_noise
    >>> rng = np.random.default_rng(0)
    >>> kinds = np.arange(90) % 3
    >>> points = (4 * np.eye(3)[kinds] + rng.normal(size=(90, 3))).astype(np.float32)
    >>> given = np.where(rng.random(90) < 0.2, (kinds + 1) % 3, kinds)
    >>> short = {"train": {"epochs": 2}}
    >>> fitted = meta_noise.fit(points, given, trusted=given == kinds, method="l2r", model="mlp", config=short)
    >>> fitted.predict(points[:2]).shape
    (2,)
    """
    console = usual_console() if console is None else console
    of_a_run = {"test", "ids", "class_names", "true_labels", "workdir"} & settings.keys()
    if method or config is not None or of_a_run or (model and isinstance(model, str)):
        method, model = method or METHOD, model or MODEL
        if epochs:
            config = merge(config or {}, {"train": {"epochs": epochs}})
        return run.fit(
            inputs, labels, trusted=trusted, method=method, model=model, config=config, console=console, **settings
        )
    classifier = NoisyLabelClassifier(model=model if model else None, epochs=epochs, **settings)
    classifier.fit(inputs, "label" if labels is None else labels, trusted=trusted)
    say_findings(classifier.findings_.results, console)
    return classifier
