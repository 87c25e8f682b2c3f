"""`NoisyLabelClassifier`: a scikit-learn classifier that does not believe wrong labels, and says which these are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from meta_noise.cleaning.asked import check_asked
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.said import say_findings
from meta_noise.data.own import Own
from meta_noise.data.own.names import Asked
from meta_noise.data.own.same_kind import as_array, same_kind
from meta_noise.errors import InputError
from meta_noise.estimator import judging, kept, models
from meta_noise.estimator.labels import Classes, names_of, read_classes, read_trusted
from meta_noise.estimator.rows import Read, Taken, check_gaps, is_matrix, read_frame, read_more, without_rows
from meta_noise.report.axes import Plots
from meta_noise.report.findings import load_findings
from meta_noise.report.quality import Scores
from meta_noise.terminal import open_console

AUTO = "auto"


class NoisyLabelClassifier(ClassifierMixin, BaseEstimator):
    """A classifier for labels some of which are wrong.

    `fit` judges every label by a tournament of fast candidates that did not see it, as `meta_noise.clean` does, and
    trains a model on the labels found most probable. `label_issues_` says of each row how far its label can be
    believed, whether it looks wrong and what it should perhaps be.

    X may be a matrix of numbers (sparse, too), a list of texts, an array of images [N, height, width(, channels)], or a
    frame of pandas, Polars or pyarrow with numbers, categories, dates, gaps, texts or images; y holds any labels, or
    names their column.

    Args:
        method: "auto"; or a method of this library such as "mw_net" or "l2r", which trains its network on the labels as
            they are given.
        model: what predicts new rows. None: the fast candidate that did best. A scikit-learn classifier with
            `predict_proba`, also a pipeline, takes X as it is given; a Flax module takes it as numbers; both are
            candidates, too, asked about rows that they have not learned. A function `X -> probabilities [n, C]`,
            classes in sorted order, is a candidate and predicts new rows if it did best. The name of a network of this
            library, such as "mlp" or "cnn": that network.
        trusted: name of a column of X that is true where a label is known to be right, or [N] true or false. In a
            search or cross-validation give the latter to `fit`.
        flag: how many labels look wrong: "precision=0.8", "recall=0.9" or "count=200"; "" for as many as are estimated
            to be wrong.
        text, image, features: the column of X that holds the inputs, where it is not told right.
        epochs: of a network, 0 for what suits the rows.
        random_state: a number for the same answer every time.
        verbose: says what is found and done.

    Attributes:
        classes_: [C] the different labels, sorted.
        label_issues_: one row for each row of X: `quality` (0 suspicious to 1), `flag` (looks wrong), `suggestion`,
            `given` and `probability` of the suggestion; in the kind of X, with the index of a pandas frame. A
            structured NumPy array for arrays and lists.
        noise_: share of wrong labels as {"value", "low", "high"}, an interval of 95%, or None where it is not known.
        findings_: all that is known of the labels: `findings_.worst()`, `findings_.plot.confusion()`,
            `findings_.save(folder)`; `findings_.results` says what was tried. A notebook shows the worst rows.
        final_: what predicts new rows: `model`, `name` and whether it `takes` rows as given.
        n_features_in_, feature_names_in_: of a matrix or a frame, as scikit-learn has them.

    >>> import numpy as np
    >>> import meta_noise
    >>> rng = np.random.default_rng(0)
    >>> kinds = np.arange(90) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(90, 3))
    >>> given = np.where(rng.random(90) < 0.2, (kinds + 1) % 3, kinds)
    >>> classifier = meta_noise.NoisyLabelClassifier().fit(points, given)
    >>> bool((classifier.predict(points) == kinds).mean() > 0.9)
    True
    """

    def __init__(
        self,
        method: str = AUTO,
        model: Any = None,
        *,
        trusted: Any = None,
        flag: str = "",
        text: str | None = None,
        image: str | None = None,
        features: Any = None,
        epochs: int = 0,
        random_state: Any = 0,
        verbose: bool = False,
    ):
        self.method = method
        self.model = model
        self.trusted = trusted
        self.flag = flag
        self.text = text
        self.image = image
        self.features = features
        self.epochs = epochs
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        """Returns what scikit-learn asks about an estimator."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def fit(self, X: Any, y: Any = None, trusted: Any = None) -> "NoisyLabelClassifier":  # noqa: N803
        """Judges the labels and learns; returns itself.

        Args:
            X: N rows.
            y: [N] labels, or the name of their column in X.
            trusted: [N] true where a label is known to be right, in place of that of the constructor.

        Raises:
            InputError: a setting, a row or a label cannot be used; the message says what would be.
        """
        kind = models.kind_of(self.model)
        asked = self._asked(kind)
        if getattr(y, "ndim", 1) == 2 and y.shape[1] > 1:
            raise InputError(
                f"y should be a 1d array, got an array of shape {tuple(y.shape)} instead. Of several labels a row: "
                "meta_noise.clean_multilabel(X, y) judges them, and sklearn.multioutput.MultiOutputClassifier("
                "NoisyLabelClassifier()) learns them."
            )
        read, classes, is_trusted = self._read(X, y, trusted)
        own = judging.as_own(read, classes, is_trusted)
        if self.method != AUTO or kind == "name":
            final, scores = self._network(own, read.kind, asked)
        else:
            final, scores = self._judged(X, read, classes, own, kind, asked["seed"])
            say_findings(scores.found, self._console())
        self.classes_ = classes.values
        self.final_ = final
        self.findings_ = judging.findings(own, scores)
        self.noise_ = self.findings_.results.get("noise_estimate", {}).get("rate")
        self.label_issues_ = same_kind(X, _issues(classes, scores))
        self._read_ = without_rows(read)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """Returns the probability of each class [n, C] for n rows like those of `fit`."""
        check_is_fitted(self)
        x = X
        if self._read_.kind == "numbers":
            check_gaps(X)
            x = validate_data(self, X, accept_sparse="csr", reset=False)
            x = _dense(x) if self.final_.takes == "read" else x
        else:
            if hasattr(self, "feature_names_in_"):
                validate_data(self, X, skip_check_array=True, reset=False)
            if self.final_.takes == "read":
                more = read_more(X, self._read_)
                x = more.inputs if more.texts is None else more.texts
        return models.probabilities(self.final_, x, self.classes_)

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Returns the most probable class [n] of n rows like those of `fit`."""
        p = self.predict_proba(X)
        return self.classes_[p.argmax(axis=1)]

    def save(self, folder: str | Path) -> Path:
        """Writes the fitted classifier into a folder, nothing as pickle; `meta_noise.load_estimator` reads it.

        Models of scikit-learn are kept as they were fitted (by skops, extra `save`); a function is refused. Settings
        that no file can hold, as a mask of trusted rows, are left out.

        Raises:
            InputError: the model can only be pickled, or the folder holds something else.
        """
        check_is_fitted(self)
        names = ("n_features_in_", "feature_names_in_")
        seen = {name: getattr(self, name) for name in names if hasattr(self, name)}
        file = {
            "settings": kept.plain_settings(self.get_params(deep=False)),
            "classes": self.classes_.tolist(),
            "kind": self.classes_.dtype.str,
            "rows": self._read_.kind,
            "reader": kept.reader_of(self._read_),
            "seen": {name: one.tolist() if isinstance(one, np.ndarray) else one for name, one in seen.items()},
            "noise": self.noise_,
        }
        return kept.write(folder, file, self.final_, self.findings_)

    @property
    def plot(self) -> Plots:
        """Figures as Matplotlib axes: `confusion()`, `worst()`, `quality()`, `tried()`, `classes()`."""
        check_is_fitted(self)
        return self.findings_.plot

    def _console(self) -> Console:
        console = open_console()
        console.quiet = not self.verbose
        return console

    def _asked(self, kind: models.Kind) -> dict[str, Any]:
        """Returns what is asked of a network; raises InputError where settings do not go together."""
        method = "" if self.method == AUTO else self.method
        if method and kind not in ("none", "name"):
            raise InputError(
                f"method={method!r} trains a network of this library; give the name of one as model, or leave out one "
                "of both."
            )
        seed = self.random_state
        seed = seed if isinstance(seed, int | np.integer) else check_random_state(seed).randint(2**31 - 1)
        asked: dict[str, Any] = {"method": method, "model": self.model if kind == "name" else "", "epochs": self.epochs}
        asked["seed"] = int(seed)
        check_asked(**asked)
        return asked

    def _read(self, x: Any, y: Any, trusted: Any) -> tuple[Read, Classes, np.ndarray]:
        trusted = self.trusted if trusted is None else trusted
        if is_matrix(x):
            if isinstance(y, str) or isinstance(trusted, str):
                raise InputError("y and trusted name a column of a frame; beside arrays give one value for each row.")
            check_gaps(x)
            x, y = validate_data(self, x, y, accept_sparse="csr", multi_output=False)
            read, taken = Read("numbers", _dense(x)), Taken(None, None)
        else:
            for name in {"feature_names_in_", "n_features_in_"} & vars(self).keys():
                delattr(self, name)  # of an earlier fit
            is_named = isinstance(y, str) or isinstance(trusted, str)
            if hasattr(x, "columns") and hasattr(x, "shape") and not is_named:
                validate_data(self, x, skip_check_array=True)
            asked = Asked(text=self.text, image=self.image, features=self.features)
            read, taken = read_frame(x, asked, *(name if isinstance(name, str) else None for name in (y, trusted)))
        rows = len(read.inputs)
        classes = read_classes(y if taken.labels is None else taken.labels, rows)
        return read, classes, read_trusted(trusted if taken.trusted is None else taken.trusted, rows)

    def _judged(
        self, x: Any, read: Read, classes: Classes, own: Own, kind: models.Kind, seed: int
    ) -> tuple[models.Final, Scores]:
        """Returns the model that predicts new rows, and what is said of every label."""
        further: dict[str, np.ndarray] = {}
        model, takes = None, models.GIVEN
        if kind == "function":
            further = {"model": models.said_by(self.model, x, len(classes.values))}
        elif kind != "none":
            model = models.unfitted(self.model, kind, self.epochs, seed)
            folds = models.FOLDS
            if kind == "flax":
                x, takes, folds = _numbers(read), models.READ, models.FOLDS_OF_NETWORK
            further = {type(self.model).__name__: models.out_of_fold(model, x, classes, folds, seed)}
        with steady(len(classes.codes)):
            scores = judging.judged(own, self.flag, seed, further, self._console())
            if model is None:
                return self._usual(read, classes, scores, seed, further), scores
        return models.Final(models.learned(model, x, classes, scores), next(iter(further)), takes), scores

    def _usual(
        self, read: Read, classes: Classes, scores: Scores, seed: int, further: Mapping[str, np.ndarray]
    ) -> models.Final:
        """Returns the fast candidate that did best, or the user's function where that did."""
        chosen, name = models.usual(read, classes, scores, seed, further)
        if chosen is None:
            return models.Final(self.model, name, models.GIVEN)
        inputs = read.inputs if read.texts is None else read.texts
        return models.Final(models.learned(chosen, inputs, classes, scores), name, models.READ)

    def _network(self, own: Own, kind: str, asked: dict[str, Any]) -> tuple[models.Final, Scores]:
        network, scores = judging.trained(own, self.flag, self._console(), **asked)
        takes = models.GIVEN if kind == "table" else models.READ  # cells become numbers as the network keeps it
        return models.Final(network, asked["method"] or str(self.model), takes), scores


def _issues(classes: Classes, scores: Scores) -> dict[str, np.ndarray]:
    flagged = np.zeros(len(classes.codes), bool) if scores.is_issue is None else scores.is_issue
    return {
        "quality": np.asarray(scores.quality, np.float64),
        "flag": flagged,
        "suggestion": classes.values[scores.suggested],
        "given": classes.values[classes.codes],
        "probability": np.asarray(scores.probability, np.float64),
    }


def load_estimator(folder: str | Path, allow: Sequence[str] = ()) -> NoisyLabelClassifier:
    """Returns a classifier that `NoisyLabelClassifier.save` wrote; `label_issues_` is a structured array.

    Args:
        folder: where it lies.
        allow: classes outside this library and scikit-learn that its model is made of, such as
            "my_package.MyClassifier", which are then imported.

    Raises:
        InputError: it is none, it is damaged, or its model is made of what is not allowed.

    >>> import tempfile
    >>> import numpy as np
    >>> import meta_noise
    >>> rng = np.random.default_rng(0)
    >>> kinds = np.arange(60) % 3
    >>> points = 4 * np.eye(3)[kinds] + rng.normal(size=(60, 3))
    >>> classifier = meta_noise.NoisyLabelClassifier().fit(points, kinds)
    >>> folder = f"{tempfile.mkdtemp()}/kept"
    >>> _ = classifier.save(folder)
    >>> bool((meta_noise.load_estimator(folder).predict(points) == classifier.predict(points)).all())
    True
    """
    stored = kept.read(folder, allow)
    found = NoisyLabelClassifier(**stored.file.settings)
    found.classes_, found.final_, found._read_ = stored.classes, stored.final, stored.read
    found.findings_, found.noise_ = load_findings(Path(folder) / kept.FINDINGS), stored.file.noise
    for name, value in stored.file.seen.items():
        setattr(found, name, np.array(value, object) if isinstance(value, list) else value)
    table = found.findings_.labels
    place = {name: number for number, name in enumerate(names_of(stored.classes))}
    given, suggested = (
        stored.classes[[place[name] for name in table[column].to_pylist()]]
        for column in ("given_label", "suggested_label")
    )
    flag = table["is_label_issue"].fill_null(False).to_numpy()
    found.label_issues_ = as_array(
        {
            "quality": table["label_quality"].to_numpy(),
            "flag": flag,
            "suggestion": suggested,
            "given": given,
            "probability": table["suggested_probability"].to_numpy(),
        }
    )
    return found


def _dense(x: Any) -> np.ndarray:
    return x.toarray() if hasattr(x, "toarray") else x


def _numbers(read: Read) -> np.ndarray:
    if read.texts is not None:
        raise InputError(
            "A Flax module takes numbers, and X holds texts; give a scikit-learn pipeline, or a network of this "
            "library for texts by name, such as model='word_average'."
        )
    return read.inputs
