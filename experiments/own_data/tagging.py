"""How well wrong tags of tokens are found: `python -m experiments.own_data.tagging --data data`.

Named entities in Hausa and Yoruba have tags by lists of names and rules beside those of people (M. A. Hedderich et al.,
EMNLP 2020); of the parts of speech of tweets a quarter was given as the next tag, each tag with its own rate. Average
precision of finding wrong tags: chance, self-confidence of a cross-validated logistic regression on the same features,
and `label_quality` of `meta-noise clean`.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from experiments.own_data.sets import _tagged, pair_noise
from meta_noise.cleaning.own_noise import steady
from meta_noise.cleaning.tags.judged import judge_tags, tournament
from meta_noise.cleaning.tournament.candidates.linear import linear
from meta_noise.data.tagged import read_tagged

Sentences = list[list[tuple[str, str]]]  # of (word, tag)


def entities(data: Path, language: str) -> tuple[Sentences, Sentences]:
    """Returns the sentences with given and with true tags; a few that are cut into other words are left out."""
    folder = data / "hausa_yoruba" / f"{language}_ner"
    clean, noisy = (_tagged(folder / f"train_clean{end}.tsv.gz") for end in ("", "_noisy_labels"))
    same = [(a, b) for a, b in zip(noisy, clean, strict=True) if [word for word, _ in a] == [word for word, _ in b]]
    return [one for one, _ in same], [one for _, one in same]


def tweets(data: Path, rate: float) -> tuple[Sentences, Sentences]:
    """Returns tweets with replaced tags, and with true ones."""
    blocks = (data / "twitter_pos" / "tweets-train.txt").read_text(encoding="utf-8").strip().split("\n\n")
    clean = [[(line.split("\t")[0], line.split("\t")[1]) for line in block.split("\n")] for block in blocks]
    flat = [tag for sentence in clean for _, tag in sentence]
    names = sorted(set(flat))
    drawn = iter(pair_noise(np.array([names.index(tag) for tag in flat]), rate, 3).tolist())
    return [[(word, names[next(drawn)]) for word, _ in sentence] for sentence in clean], clean


def measured(noisy: Sentences, clean: Sentences) -> dict[str, Any]:
    """Returns the measures of one set."""
    problems = []

    def candidates(problem):
        problems.append(problem)
        return tournament()(problem)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.conll"
        path.write_text("\n".join("".join(f"{word}\t{tag}\n" for word, tag in one) for one in noisy), encoding="utf-8")
        begin = time.process_time()
        tagged = read_tagged(path)
        judged = judge_tags(tagged, candidates)
        seconds = time.process_time() - begin
    truth = [tag for sentence in clean for _, tag in sentence]
    wrong = np.array([one != other for one, other in zip(tagged.tags, truth, strict=True)])
    rows = np.flatnonzero(judged.is_judged)
    with steady():
        p = linear(problems[0], problems[0].views.linear["tokens"])
    self_confidence = p[np.arange(len(rows)), problems[0].given]
    flags = np.zeros(len(wrong), bool) if judged.is_issue is None else judged.is_issue
    suggested = np.array([judged.names[one] == other for one, other in zip(judged.suggested, truth, strict=True)])
    quality = np.where(judged.is_judged, judged.quality, 1.0)
    bad = np.bincount(tagged.sentence, wrong) > 0
    mean_log = np.bincount(tagged.sentence, np.log(np.maximum(quality, 1e-9))) / np.bincount(tagged.sentence)
    return {
        "tokens": len(wrong),
        "wrong": wrong.mean(),
        "self-confidence": average_precision_score(wrong[rows], -self_confidence),
        "quality": average_precision_score(wrong[rows], -judged.quality[rows]),
        "wrong sentences": bad.mean(),
        "sentences by minimum": average_precision_score(bad, -np.nan_to_num(judged.sentence_quality, nan=1.0)),
        "sentences by mean of logarithms": average_precision_score(bad, -mean_log),
        "flagged": int(flags.sum()),
        "flags right": wrong[flags].mean() if flags.any() else np.nan,
        "wrong ones flagged": flags[wrong].mean(),
        "right tags before": 1 - wrong.mean(),
        "right tags after": suggested.mean(),
        "estimated noise": None if judged.rate is None else judged.rate[:3],
        "CPU s": seconds,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args(arguments).data
    sets = {
        "yoruba": entities(data, "yoruba"),
        "tweets 25%": tweets(data, 0.25),
        "tweets 10%": tweets(data, 0.1),
        "hausa": entities(data, "hausa"),
    }
    for name, (noisy, clean) in sets.items():
        print(json.dumps({"set": name, **measured(noisy, clean)}, default=float), flush=True)


if __name__ == "__main__":
    main()
