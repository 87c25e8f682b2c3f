"""Several labels of one row: what they tell of its class, how good each annotator or rule is, whom to ask again."""

import io
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.cleaning.proportions import wilson
from meta_noise.cleaning.tournament.combine import LABEL_POWER
from meta_noise.data.own import Own
from meta_noise.data.votes.crowd import Crowd, consensus_of
from meta_noise.data.votes.dawid_skene import dawid_skene
from meta_noise.data.votes.rules import rules_posterior
from meta_noise.report.labels import write_csv
from meta_noise.visible import counted

UNSURE = 0.7  # probability of its likeliest class below which a row needs another label
LISTED = 200  # rows that need another label, by id
LEAST = 1e-3  # of a probability that was given


def evidence_of(crowd: Crowd, given: np.ndarray) -> np.ndarray | None:
    """Returns how probable the votes of a row are given each class [N, C], up to a factor; None where a row has no more
    than one vote, which is an ordinary label, and for rules, whose majority counts as one: their votes depend on each
    other so much that the product below makes suggestions worse.

    The product over annotators of their rows of confusion (Dawid and Skene) takes them as independent given the class.
    Annotators err together, on rows that are hard: the product has the power that given
    labels have elsewhere (`LABEL_POWER`), and trusted rows may give it another one.

    Args:
        crowd: of N rows.
        given: [N] classes, -1 where the label must not be used.
    """
    if crowd.soft is not None:
        soft = np.where(np.isnan(crowd.soft), 1 / len(crowd.classes), crowd.soft)
        share = np.maximum(soft.mean(axis=0), LEAST)
        likely = np.maximum(soft, LEAST) / share
        likely /= likely.max(axis=1, keepdims=True)
    elif crowd.overlaps and crowd.kind == "annotators":
        consensus = dawid_skene(crowd.votes, len(crowd.classes))
        likely = np.maximum(consensus.likely, 1e-12) ** LABEL_POWER
    else:
        return None
    return np.where((given >= 0)[:, None], likely, 1.0).astype(np.float32)


def annotators_of(own: Own, posterior: np.ndarray | None = None) -> dict[str, Any]:
    """Returns {"annotators": section of results.json}, {} where each row has one label.

    Keys: `kind`, `measured_against` ("trusted rows", "consensus" or None), `each` (name, labels, accuracy with low and
    high, agreement with the others; the worst first), `another_label` {rows, ids}, `sentences`.

    Args:
        own: the data.
        posterior: [N, C] p(y | x, votes); that of Dawid and Skene's model where there is none.
    """
    crowd = own.crowd
    if crowd is None:
        return {}
    trusted = np.zeros(len(own.given), bool) if own.source.trusted is None else own.source.trusted
    has_votes = (crowd.votes >= 0).any(axis=1)
    against, truth = None, np.full(len(trusted), -1)
    consensus = consensus_of(crowd) if crowd.overlaps else crowd.soft
    told = None  # [N, C], what is true as far as votes of rules tell
    if (trusted & has_votes).any():
        against, truth = "trusted rows", np.where(trusted, own.source.labels, -1)
    elif crowd.overlaps and crowd.kind == "rules":
        against, told = "consensus", rules_posterior(crowd.votes, len(crowd.classes))
    elif crowd.overlaps and consensus is not None:
        several = np.sum(crowd.votes >= 0, axis=1) > 1
        against, truth = "consensus", np.where(several, consensus.argmax(axis=1), -1)
    each = [_one(crowd, number, truth, told) for number in range(len(crowd.names))]
    each.sort(key=lambda one: (1.0 if one["accuracy"] is None else one["accuracy"], one["name"]))
    believed = posterior if posterior is not None else consensus
    again = {"rows": 0, "ids": list[str]()}
    if believed is not None:
        sure = np.nan_to_num(believed.max(axis=1), nan=1.0)
        needs = np.flatnonzero(~trusted & ((sure < UNSURE) | (_split(crowd.votes) & (sure < (1 + UNSURE) / 2))))
        order = needs[np.argsort(sure[needs], kind="stable")]
        again = {"rows": len(order), "ids": list(map(str, own.source.ids[order[:LISTED]].tolist()))}
    section = {"kind": crowd.kind, "measured_against": against, "each": each, "another_label": again}
    return {"annotators": {**section, "sentences": _sentences(crowd, section, int(_split(crowd.votes).sum()))}}


def annotators_csv(section: dict[str, Any]) -> bytes:
    """Returns the content of annotators.csv."""
    names = {"annotator": "name", **{name: name for name in ("labels", "accuracy", "low", "high", "agreement")}}
    kinds = {"annotator": pa.string(), "labels": pa.int64()}
    columns = {
        title: pa.array([one[name] for one in section["each"]], kinds.get(title, pa.float64()))
        for title, name in names.items()
    }
    sink = io.BytesIO()
    write_csv(pa.table(columns), sink)
    return sink.getvalue()


def _one(crowd: Crowd, number: int, truth: np.ndarray, told: np.ndarray | None) -> dict[str, Any]:
    """Returns what is said of one annotator; votes are held against `truth` [N], or `told` [N, C] probabilities."""
    votes = crowd.votes[:, number]
    counted = (votes >= 0) & (truth >= 0) if told is None else votes >= 0
    right = votes == truth if told is None else told[np.arange(len(votes)), votes]
    share = wilson(round(float(np.sum(right[counted]))), int(counted.sum())) or {}
    rest = np.delete(crowd.votes, number, axis=1)
    both = (rest >= 0) & (votes >= 0)[:, None]
    return {
        "name": crowd.names[number],
        "labels": int(np.sum(votes >= 0)),
        "accuracy": share.get("value"),
        "low": share.get("low"),
        "high": share.get("high"),
        "agreement": float(np.mean((rest == votes[:, None])[both])) if both.any() else None,
    }


def _split(votes: np.ndarray) -> np.ndarray:
    """Returns which rows [N] have different votes [N, A]."""
    high = votes.max(axis=1, initial=-1)
    low = np.where(votes >= 0, votes, np.iinfo(np.int32).max).min(axis=1, initial=np.iinfo(np.int32).max)
    return (high >= 0) & (low != high)


def _sentences(crowd: Crowd, section: dict[str, Any], split: int) -> list[str]:
    again = section["another_label"]["rows"]
    ask = f"Another label is needed for {counted(again, 'row')}, whose class is not sure."
    if crowd.kind == "probabilities":
        return ["Labels came as probabilities, and how probable they are counts.", ask]
    known, what = section["measured_against"], crowd.kind
    model = "Dawid and Skene" + (", silence being an answer" if what == "rules" else "")
    how = {
        "trusted rows": f"The accuracy of {what} is counted on the trusted rows.",
        "consensus": f"The accuracy of {what} is their agreement with the consensus ({model}), which may be wrong "
        "itself; trusted rows would tell more.",
        None: f"No row has votes of two {what} and none is trusted, so how good they are cannot be told.",
    }[known]
    return [f"{len(crowd.names):,} {what}; in {split:,} of {len(crowd.votes):,} rows they disagree. {how}", ask]
