"""Wrong tags are found in their sentences, and what is said of them is written whole."""

import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import average_precision_score

from meta_noise.cleaning.tags.files import answer_of, tag_files
from meta_noise.cleaning.tags.judged import folds_by_sentence, judge_tags, sentence_quality
from meta_noise.cleaning.tags.trusted import read_trusted
from meta_noise.cleaning.tournament.flags import Threshold
from meta_noise.data.tagged import read_tagged
from meta_noise.data.tagged.scheme import breaks, follows
from meta_noise.errors import InputError
from tests import tagged


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    clean = tagged.sentences()
    noisy, wrong = tagged.with_wrong(clean)
    path = tagged.write(tmp_path_factory.mktemp("tags") / "given.conll", noisy)
    data = read_tagged(path)
    return data, judge_tags(data), wrong, [tag for sentence in clean for _, tag in sentence], path


def test_wrong_tags_are_found(found):
    data, judged, wrong, truth, _ = found
    assert average_precision_score(wrong, -judged.quality) > 0.9 > 3 * wrong.mean()
    suggested = np.array([judged.names[one] for one in judged.suggested])
    assert np.mean(suggested == truth) > 0.97 > np.mean(np.array(data.tags) == truth)
    assert judged.rate.low < wrong.mean() < judged.rate.high
    bad = np.bincount(data.sentence, wrong) > 0
    assert average_precision_score(bad, -judged.sentence_quality) > 0.9


def test_suggestions_keep_to_the_scheme_where_given_tags_do():
    clean = tagged.sentences(100)
    spoilt = [list(sentence) for sentence in clean]
    for sentence in spoilt[::9]:
        sentence[0] = (sentence[0][0], "B-LOC")  # its family name, I-PER, then follows no B-PER
    places = [place for place, one in enumerate(spoilt) if (one[0][1], one[1][1]) != ("B-LOC", "I-PER")]
    kept = [spoilt[place] for place in places]
    judged = judge_tags(_read(kept), None, Threshold("count", 40))
    allowed = follows(judged.names)
    borders = np.cumsum([len(sentence) for sentence in kept])[:-1]
    assert judged.is_issue.sum() >= 40
    assert "tags are flagged, as asked for by count=40, in" in answer_of(_read(kept), judged)[0]
    assert sum(breaks(part, allowed) for part in np.split(judged.suggested, borders)) == 0
    changed = judged.suggested != judged.given
    assert np.all(judged.is_issue[changed]) and changed.sum() < 20  # more are flagged as asked for, and keep their tags
    truth = [judged.names.index(tag) for place in places for _, tag in clean[place]]
    assert np.mean(judged.suggested == truth) > np.mean(judged.given == truth)


def test_tokens_that_are_known_to_be_right_are_not_flagged_however_many_are_asked_for(found):
    data, *_ = found
    judged = judge_tags(data, read_trusted(list(range(1, 31)), data), Threshold("count", 350))
    is_right = judged.trusted & (judged.suggested == judged.given)
    assert is_right.sum() > 100 and not np.any(judged.is_issue[is_right]) and judged.is_issue.sum() > 100


def _read(sentences):
    with tempfile.TemporaryDirectory() as folder:
        return read_tagged(tagged.write(Path(folder) / "a.conll", sentences))


def test_files_hold_all_of_it(found):
    data, judged, _, _, path = found
    files = tag_files(data, judged, "meta-noise clean 'cleaned.conll'", "with sample")
    before, after = path.read_bytes().splitlines(), files["cleaned.conll"].splitlines()
    changed = [place for place, (one, two) in enumerate(zip(before, after, strict=True), start=1) if one != two]
    assert changed == data.line[judged.is_issue].tolist() and len(changed) > 10
    table = pq.read_table(io.BytesIO(files["labels.parquet"])).to_pydict()
    assert table["token"] == data.tokens and table["given_label"] == data.tags and table["id"][0] == "1:1"
    lines = files["sentences.csv"].decode().splitlines()
    assert len(lines) == 81 and "[" in lines[1]  # the worst comes first
    summary = json.loads(files["tags.json"])
    assert summary["look_wrong"] == len(changed) and summary["tournament"]["candidates"]
    page = files["report.html"].decode()
    assert "<mark>" in page and "meta-noise clean &#39;cleaned.conll&#39;" in page


def test_noise_alone_gives_nothing():
    rng = np.random.default_rng(0)
    drawn = [[(word, str(rng.choice(["A", "B"]))) for word, _ in one] for one in tagged.sentences(60)]
    judged = judge_tags(_read(drawn))
    assert judged.worth.worthless and judged.is_issue is None and np.all(judged.suggested == judged.given)
    files = tag_files(_read(drawn), judged, "again", "with sample")
    assert "Nothing was found out" in files["report.html"].decode()


def test_rare_tags_are_left_alone():
    clean = tagged.sentences(60)
    clean[3][0] = (clean[3][0][0], "B-ONCE")
    judged = judge_tags(_read(clean))
    row = sum(len(sentence) for sentence in clean[:3])
    assert (
        not judged.is_judged[row] and np.isnan(judged.quality[row]) and judged.is_judged.sum() == len(judged.given) - 1
    )
    assert not judged.is_issue[row] and "B-ONCE" in judged.notes[0]


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (tagged.sentences(5), "50 tokens in 10 sentences are needed"),
        ([[(word, "O") for word, _ in one] for one in tagged.sentences(20)], "every tag is 'O'"),
        ([[(f"w{n}{m}", f"{n}.{m}") for m in range(6)] for n in range(50)], "300 different tags"),
    ],
)
def test_what_cannot_be_judged_gets_one_sentence(sentences, said):
    with pytest.raises(InputError, match=said):
        judge_tags(_read(sentences))


def test_a_sentence_is_in_one_fold_and_as_good_as_its_worst_token():
    sentence = np.array([0, 0, 1, 2, 2, 2, 3])
    folds = folds_by_sentence(sentence, 2, 0)
    assert [len(set(folds[sentence == one])) for one in range(4)] == [1] * 4 and set(folds) == {0, 1}
    worst = sentence_quality(np.array([0.5, 0.2, np.nan, 0.9, np.nan, 0.7, 1.0]), sentence)
    np.testing.assert_array_equal(worst, [0.2, np.nan, 0.7, 1.0])
