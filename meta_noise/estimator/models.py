"""The model of an estimator: what a user gives, as a candidate that judges labels and as what predicts new rows."""

import inspect
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import has_fit_parameter

from meta_noise.cleaning.tournament.softmax import folds_of
from meta_noise.errors import InputError
from meta_noise.estimator.candidates import candidates
from meta_noise.estimator.labels import Classes
from meta_noise.estimator.rows import Read
from meta_noise.models.flax_module import is_module
from meta_noise.report.quality import Scores

FOLDS, FOLDS_OF_NETWORK = 5, 3
Kind = Literal["none", "name", "flax", "classifier", "function"]
Takes = Literal["given", "read"]
GIVEN: Takes = "given"
READ: Takes = "read"


class Final(NamedTuple):
    """What predicts new rows.

    Attributes:
        model: has `predict_proba`, or is a function that gives the same.
        name: what it is, in words.
        takes: "given" rows as the user has them, or "read" ones.
    """

    model: Any
    name: str
    takes: Takes


def kind_of(model: Any) -> Kind:
    """Returns what a user gave as a model.

    Raises:
        InputError: it is nothing that can be one.
    """
    if model is None:
        return "none"
    if isinstance(model, str):
        return "name"
    if is_module(model) or (inspect.isfunction(model) and "rngs" in inspect.signature(model).parameters):
        return "flax"
    if inspect.isclass(model):
        raise InputError(f"model is the class {model.__name__}; give an object of it, such as {model.__name__}(...).")
    if hasattr(model, "fit") and hasattr(model, "predict_proba"):
        return "classifier"
    if callable(model):
        return "function"
    lacks = " It has fit, but no predict_proba." if hasattr(model, "fit") else ""
    raise InputError(
        f"model is of type {type(model).__name__}.{lacks} Give a scikit-learn classifier with predict_proba, a Flax "
        "module, a function from rows to probabilities, or the name of a network of this library."
    )


def unfitted(model: Any, kind: Kind, epochs: int, seed: int) -> Any:
    """Returns a classifier of the user's that learned nothing yet."""
    if kind == "classifier":
        return clone(model)
    from meta_noise.estimator.flax_model import FlaxClassifier  # jax takes seconds to import

    return FlaxClassifier(model, epochs, seed)


def out_of_fold(model: Any, x: Any, classes: Classes, folds: int, seed: int) -> np.ndarray:
    """Returns p(given | x) [N, C] of each row by models that did not learn it.

    Args:
        model: classifier that has learned nothing.
        x: N rows that it takes.
        classes: of them.
        folds: how many parts the rows have.
        seed: of the parts.
    """
    fold_of = folds_of(classes.codes, min(folds, len(classes.codes)), seed)
    found = np.zeros((len(classes.codes), len(classes.values)), np.float32)
    for fold in np.unique(fold_of):
        rest, mine = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        part = clone(model).fit(_safe_indexing(x, rest), classes.values[classes.codes[rest]])
        found[np.ix_(mine, _places(part, classes))] = part.predict_proba(_safe_indexing(x, mine))
    return found


def said_by(function: Any, x: Any, classes: int) -> np.ndarray:
    """Returns the probabilities [n, C] that a function of the user's gives for rows.

    Raises:
        InputError: they are none.
    """
    p = np.asarray(function(x), np.float64)
    rows = p.shape[0] if p.ndim else 0
    right = p.ndim == 2 and p.shape[1] == classes and np.isfinite(p).all() and (p >= 0).all()
    if not right or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise InputError(
            f"The function given as model answers with {p.dtype} of shape {p.shape}; it should give probabilities "
            f"[{rows or 'n'}, {classes}], each row summing to 1, classes in sorted order."
        )
    return p.astype(np.float32)


def learned(model: Any, x: Any, classes: Classes, scores: Scores) -> Any:
    """Returns the model, fitted to the labels found most probable; rows count by how probable these are."""
    labels = classes.values[scores.learned]
    if scores.is_issue is not None and has_fit_parameter(model, "sample_weight"):
        return model.fit(x, labels, sample_weight=_weights(classes, scores))
    if scores.is_issue is not None and hasattr(model, "steps") and has_fit_parameter(model[-1], "sample_weight"):
        name = f"{model.steps[-1][0]}__sample_weight"
        with config_context(enable_metadata_routing=False):  # the weights are ours, nobody has to ask for them
            return model.fit(x, labels, **{name: _weights(classes, scores)})
    return model.fit(x, labels)


def usual(read: Read, classes: Classes, scores: Scores, seed: int, but: Mapping[str, np.ndarray]) -> tuple[Any, str]:
    """Returns the fast candidate that did best, not fitted, and its name.

    `but` holds candidates of the user's; where one of them did best its name comes with None.
    """
    known = candidates(read.kind, len(classes.codes), seed)
    board = scores.found.get("tournament") or {"candidates": []}
    scored = {one["name"]: one["score"] for one in board["candidates"] if one["name"] in {*known, *but}}
    best = max(scored, key=lambda name: scored[name]) if scored else next(iter(known))
    return (known[best]() if best in known else None), best


def probabilities(final: Final, x: Any, classes: np.ndarray) -> np.ndarray:
    """Returns [n, C] of rows that it takes; classes it has not learned get 0."""
    if not hasattr(final.model, "predict_proba"):
        return said_by(final.model, x, len(classes))
    p = np.asarray(final.model.predict_proba(x))
    own = getattr(final.model, "classes_", classes)
    if len(own) == len(classes):
        return p
    found = np.zeros((len(p), len(classes)), p.dtype)
    found[:, np.searchsorted(classes, own)] = p
    return found


def _places(model: Any, classes: Classes) -> np.ndarray:
    return np.searchsorted(classes.values, model.classes_)


def _weights(classes: Classes, scores: Scores) -> np.ndarray:
    return np.where(scores.learned == classes.codes, scores.quality, scores.probability).clip(1e-3, 1)
