"""How well wrong tags of tokens are found: `python -m experiments.own_data.tagging --data data`.

Named entities in Hausa and Yoruba have tags by lists of names and rules beside those of people (M. A. Hedderich et al.,
EMNLP 2020); of the parts of speech of tweets some were given as the next tag, each tag with its own rate. Average
precision of finding wrong tags: chance, self-confidence of a cross-validated logistic regression on the same features,
and `label_quality` of `meta-noise clean`. With `--trusted 20,60,240` the same for tokens of all other sentences where
so many sentences, drawn by chance, are trusted, beside a model that learned trusted sentences alone. What was chosen by
looking at figures was chosen on Yoruba, on Yoruba with drawn errors and on 10% of the tags of `tweets-train`.
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
from meta_noise.cleaning.tags.features import token_views
from meta_noise.cleaning.tags.judged import Judged, folds_by_sentence, judge_tags
from meta_noise.cleaning.tags.predictions import STEPS, STRENGTH, out_of_fold
from meta_noise.cleaning.tags.trusted import Trusted
from meta_noise.cleaning.tournament.softmax import fit_softmax, one_hot, scores_of, softmax
from meta_noise.data.tagged import Tagged, read_tagged

SETS = "yoruba,yoruba drawn,tweets 10%,tweets 25%,other tweets 10%,other tweets 25%,hausa,hausa drawn"
Sentences = list[list[tuple[str, str]]]  # of (word, tag)


def entities(data: Path, language: str) -> tuple[Sentences, Sentences]:
    """Returns the sentences with given and with true tags; a few that are cut into other words are left out."""
    folder = data / "hausa_yoruba" / f"{language}_ner"
    clean, noisy = (_tagged(folder / f"train_clean{end}.tsv.gz") for end in ("", "_noisy_labels"))
    same = [(a, b) for a, b in zip(noisy, clean, strict=True) if [word for word, _ in a] == [word for word, _ in b]]
    return [one for one, _ in same], [one for _, one in same]


def tweets(data: Path, rate: float, part: str = "train") -> tuple[Sentences, Sentences]:
    """Returns tweets with replaced tags, and with true ones."""
    blocks = (data / "twitter_pos" / f"tweets-{part}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    clean = [[(line.split("\t")[0], line.split("\t")[1]) for line in block.split("\n")] for block in blocks]
    flat = [tag for sentence in clean for _, tag in sentence]
    names = sorted(set(flat))
    drawn = iter(pair_noise(np.array([names.index(tag) for tag in flat]), rate, 3).tolist())
    return [[(word, names[next(drawn)]) for word, _ in sentence] for sentence in clean], clean


def spoilt(clean: Sentences, seed: int = 5) -> tuple[Sentences, Sentences]:
    """Returns sentences with drawn errors: a fifth of the tags of spans lost or another one, 2% of O another one."""
    rng = np.random.default_rng(seed)
    names = sorted({tag for sentence in clean for _, tag in sentence})

    def other(tag: str) -> str:
        drawn, any_tag = rng.random(), names[rng.integers(len(names))]
        if tag == "O":
            return any_tag if drawn < 0.02 else tag
        return "O" if drawn < 0.12 else any_tag if drawn < 0.2 else tag

    return [[(word, other(tag)) for word, tag in sentence] for sentence in clean], clean


def as_tagged(noisy: Sentences) -> Tagged:
    """Returns the sentences as they are read from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.conll"
        path.write_text("\n".join("".join(f"{word}\t{tag}\n" for word, tag in one) for one in noisy), encoding="utf-8")
        return read_tagged(path)


def measured(noisy: Sentences, clean: Sentences) -> dict[str, Any]:
    """Returns the measures of one set."""
    tagged = as_tagged(noisy)
    begin = time.process_time()
    judged = judge_tags(tagged)
    seconds = time.process_time() - begin
    truth = [tag for sentence in clean for _, tag in sentence]
    wrong = np.array([one != other for one, other in zip(tagged.tags, truth, strict=True)])
    rows = np.flatnonzero(judged.is_judged)
    quality = np.where(judged.is_judged, judged.quality, 1.0)
    bad = np.bincount(tagged.sentence, wrong) > 0
    mean_log = np.bincount(tagged.sentence, np.log(np.maximum(quality, 1e-9))) / np.bincount(tagged.sentence)
    return {
        "tokens": len(wrong),
        "wrong": wrong.mean(),
        "self-confidence": average_precision_score(wrong[rows], -self_confidence(tagged, judged, rows)),
        **found(judged, truth, wrong, rows),
        "wrong sentences": bad.mean(),
        "sentences by minimum": average_precision_score(bad, -np.nan_to_num(judged.sentence_quality, nan=1.0)),
        "sentences by mean of logarithms": average_precision_score(bad, -mean_log),
        "estimated noise": None if judged.rate is None else judged.rate[:3],
        "CPU s": seconds,
    }


def found(judged: Judged, truth: list[str], wrong: np.ndarray, rows: np.ndarray) -> dict[str, Any]:
    """Returns how well wrong tags are found and put right among the tokens numbered `rows`."""
    flags = np.zeros(len(wrong), bool) if judged.is_issue is None else judged.is_issue
    suggested = np.array([judged.names[one] == other for one, other in zip(judged.suggested, truth, strict=True)])
    flags, wrong, suggested = flags[rows], wrong[rows], suggested[rows]
    return {
        "quality": average_precision_score(wrong, -judged.quality[rows]),
        "flagged": int(flags.sum()),
        "flags right": wrong[flags].mean() if flags.any() else np.nan,
        "wrong ones flagged": flags[wrong].mean(),
        "right tags before": 1 - wrong.mean(),
        "right tags after": suggested.mean(),
    }


def self_confidence(tagged: Tagged, judged: Judged, rows: np.ndarray) -> np.ndarray:
    """Returns [n] p(given | x) of a logistic regression on the same features that learned other sentences."""
    with steady():
        plain = token_views(tagged.tokens, tagged.sentence).plain[rows]
        evidence = one_hot(judged.given[rows], len(judged.names))
        p = out_of_fold(plain, lambda fold: evidence, folds_by_sentence(tagged.sentence, 5, 0)[rows])
    return p[np.arange(len(rows)), judged.given[rows]]


def with_trusted(noisy: Sentences, clean: Sentences, count: int, seed: int) -> dict[str, Any]:
    """Returns the measures of all sentences but `count` that are drawn and trusted."""
    tagged = as_tagged(noisy)
    truth = [tag for sentence in clean for _, tag in sentence]
    wrong = np.array([one != other for one, other in zip(tagged.tags, truth, strict=True)])
    chosen = np.random.default_rng(seed).permutation(tagged.sentences)[:count]
    seen = np.flatnonzero(np.isin(tagged.sentence, chosen))
    judged = judge_tags(tagged, Trusted(seen, [truth[row] for row in seen], bool(wrong[seen].any())))
    rows = np.flatnonzero(judged.is_judged & ~judged.trusted)
    number = {name: place for place, name in enumerate(judged.names)}
    true = np.array([number.get(tag, -1) for tag in truth])
    with steady():
        full = token_views(tagged.tokens, tagged.sentence).full
        head = fit_softmax(full[seen], one_hot(true[seen], len(number)), STRENGTH, steps=STEPS)
        p = softmax(scores_of(head, full[rows]))
    alone = -p[np.arange(len(rows)), judged.given[rows]]
    return {
        "trusted": count,
        "trusted tokens": len(seen),
        **found(judged, truth, wrong, rows),
        "trusted alone": average_precision_score(wrong[rows], alone),
        "right tags, trusted alone": np.mean(p.argmax(axis=1) == true[rows]),
        "wrong": wrong[rows].mean(),
        "estimated noise": None if judged.rate is None else judged.rate[:3],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=SETS, help="names parted by commas (default: all)")
    parser.add_argument("--trusted", default="", help="numbers of trusted sentences, such as 20,60,240")
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args(arguments)
    data = options.data
    sets = {
        "yoruba": lambda: entities(data, "yoruba"),
        "yoruba drawn": lambda: spoilt(entities(data, "yoruba")[1]),
        "tweets 10%": lambda: tweets(data, 0.1),
        "tweets 25%": lambda: tweets(data, 0.25),
        "other tweets 10%": lambda: tweets(data, 0.1, "devtest"),
        "other tweets 25%": lambda: tweets(data, 0.25, "devtest"),
        "hausa": lambda: entities(data, "hausa"),
        "hausa drawn": lambda: spoilt(entities(data, "hausa")[1]),
    }
    for name in options.sets.split(","):
        noisy, clean = sets[name]()
        if not options.trusted:
            print(json.dumps({"set": name, **measured(noisy, clean)}, default=float), flush=True)
        for count in map(int, filter(None, options.trusted.split(","))):
            for draw in range(options.draws):
                one = with_trusted(noisy, clean, count, draw)
                print(json.dumps({"set": name, "draw": draw, **one}, default=float), flush=True)


if __name__ == "__main__":
    main()
