"""What votes of people and of weak rules tell: `python -m experiments.own_data.votes --data data`.

Adds what `votes.jsonl` lacks and prints the table. People: three for each of some news texts (NoisyAG-News). Rules: all
training texts of the three WRENCH sets. Right labels, of the rows with a vote: the majority, the model of Dawid and
Skene, the same with silence as an answer; with `--texts`, the suggestions of `meta-noise clean`, which looks at the
texts, too. The error of the accuracy of annotators is the mean difference from that counted with true labels, each
counting by its votes. The prior of the model with silence was chosen on the three sets of rules.
"""

import argparse
import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from experiments.own_data.resumed import complete
from experiments.own_data.sets import _rows
from meta_noise.cleaning.findings import find_out
from meta_noise.cleaning.wanted import USUAL
from meta_noise.data.own import read
from meta_noise.data.votes.crowd import Crowd, consensus_of
from meta_noise.data.votes.dawid_skene import dawid_skene
from meta_noise.data.votes.rules import rules_posterior

RESULTS = Path(__file__).with_name("votes.jsonl")
SETS = ("news by people", "youtube", "sms", "semeval")
PEOPLE = 1500  # rows of the news whose true label is known


def votes_of(name: str, data: Path) -> tuple[str, list[str], np.ndarray, np.ndarray, list[str]]:
    """Returns the kind of votes, N texts, votes [N, A], true classes [N] and class names."""
    if name == "news by people":
        with gzip.open(data / "noisy_ag_news" / "annotators.csv.gz", "rt", encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["true_label"] != "-1"]
        rows = [rows[row] for row in np.random.default_rng(0).permutation(len(rows))[:PEOPLE]]
        votes = np.array([[int(row[f"label_{who}"]) for who in (1, 2, 3)] for row in rows])
        texts = [f"{row['title']} . {row['description']}" for row in rows]
        return "annotators", texts, votes, np.array([int(row["true_label"]) for row in rows]), list("0123")
    folder = data / "weak_text" / name
    with np.load(folder / "labels.npz", allow_pickle=False) as arrays:
        votes, truth = arrays["train_weak"].astype(int), arrays["train_labels"].astype(int)
        names = [str(place) for place in range(len(arrays["label_names"]))]
    keys = ("entity1", "entity2", "text")
    texts = [" . ".join(row[key] for key in keys if key in row) for row in _rows(folder / "train.csv.gz")]
    return "rules", texts, votes, truth, names


def measured(name: str, texts: bool, data: Path) -> dict[str, Any]:
    """Returns the measures of one set."""
    kind, words, votes, truth, names = votes_of(name, data)
    crowd = Crowd(kind, tuple(map(str, range(votes.shape[1]))), tuple(names), votes.astype(np.int32))  # type: ignore[arg-type]
    has_votes = (votes >= 0).any(axis=1)
    if texts:
        return {"right": _right(*_suggested(kind, words, votes, names), truth)}
    beliefs = {
        "majority": consensus_of(crowd) if kind == "rules" else np.eye(len(names))[crowd.label()],
        "dawid_skene": dawid_skene(votes, len(names)).posterior,
        "with_silence": rules_posterior(votes, len(names)),
    }
    found: dict[str, Any] = {"rows": len(votes), "with_votes": int(has_votes.sum()), "annotators": votes.shape[1]}
    found["right_majority"] = round(float(np.mean(crowd.label()[has_votes] == truth[has_votes])), 4)
    for how, belief in beliefs.items():
        if how != "majority":
            found[f"right_{how}"] = round(float(np.mean(belief.argmax(axis=1)[has_votes] == truth[has_votes])), 4)
        found[f"error_{how}"] = round(_error(votes, truth, belief), 4)
    return found


def _error(votes: np.ndarray, truth: np.ndarray, belief: np.ndarray) -> float:
    """Returns how far the accuracies that are told are from the true ones, each annotator counting by its votes."""
    errors, counts = [], []
    for who in range(votes.shape[1]):
        rows = np.flatnonzero(votes[:, who] >= 0)
        if len(rows):
            said = votes[rows, who]
            errors.append(abs(float(np.mean(belief[rows, said]) - np.mean(said == truth[rows]))))
            counts.append(len(rows))
    return float(np.average(errors, weights=counts))


def _suggested(kind: str, texts: list[str], votes: np.ndarray, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows that were judged and their suggested classes."""
    columns = {
        f"vote_{who}": [names[vote] if vote >= 0 else None for vote in votes[:, who]] for who in range(votes.shape[1])
    }
    asked = {kind: list(columns)}
    own = read({"text": texts, **columns}, text="text", **asked)
    scores = find_out(own, USUAL, Console(quiet=True))
    rows = np.array([int(identity.rpartition("-")[2]) for identity in own.source.ids.tolist()])
    return rows, np.array([int(own.class_names[label]) for label in scores.suggested])


def _right(rows: np.ndarray, suggested: np.ndarray, truth: np.ndarray) -> float:
    return round(float(np.mean(suggested == truth[rows])), 4)


def table(lines: list[dict[str, Any]]) -> str:
    """Returns the results as a table of Markdown."""
    titles = (
        "votes", "rows, with votes", "annotators", "majority right", "Dawid and Skene", "with silence", "clean",
        "error of accuracy by majority", "by Dawid and Skene", "with silence",
    )  # fmt: skip
    clean = {line["name"]: f"{line['right']:.1%}" for line in lines if line["texts"]}
    rows = []
    for line in lines:
        if line["texts"]:
            continue
        right = [f"{line[f'right_{how}']:.1%}" for how in ("majority", "dawid_skene", "with_silence")]
        errors = [f"{line[f'error_{how}']:.3f}" for how in ("majority", "dawid_skene", "with_silence")]
        counts = f"{line['rows']:,}, {line['with_votes']:,}"
        rows.append([line["name"], counts, str(line["annotators"]), *right, clean.get(line["name"], ""), *errors])
    return "\n".join(f"| {' | '.join(row)} |" for row in ([*titles], ["---"] * len(titles), *rows))


def main() -> None:
    """Measures what is not measured yet, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--texts", default="", help="sets whose texts are judged, too, with commas between")
    options = parser.parse_args()
    cases = [{"name": name, "texts": False} for name in SETS]
    cases += [{"name": name, "texts": True} for name in options.texts.split(",") if name]
    complete(RESULTS, cases, lambda name, texts: measured(name, texts, options.data))
    print(table([json.loads(line) for line in RESULTS.read_text().splitlines()]))


if __name__ == "__main__":
    main()
