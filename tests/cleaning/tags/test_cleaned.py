"""`meta_noise.clean_tags`: lists in, findings out, kept in a folder."""

import json

import pytest

import meta_noise
from meta_noise.errors import InputError
from tests import tagged

NOISY, WRONG = tagged.with_wrong(tagged.sentences())
TOKENS, TAGS = [[word for word, _ in one] for one in NOISY], [[tag for _, tag in one] for one in NOISY]
NAMES = sorted({tag for tags in TAGS for tag in tags})


class Feature:
    def __init__(self, names):
        self.feature = type("ClassLabel", (), {"names": names})()


class DataSet(dict):
    """Looks like a data set of Hugging Face."""

    column_names, features = ("tokens", "ner_tags"), {"tokens": None, "ner_tags": Feature(NAMES)}


@pytest.fixture(scope="module")
def found():
    return meta_noise.clean_tags(TOKENS, TAGS)


def test_lists_get_lists(found):
    truth = [[tag for _, tag in one] for one in tagged.sentences()]
    before, after = (sum(map(list.__eq__, one, truth)) for one in (TAGS, found.tags))
    assert list(map(len, found.tags)) == list(map(len, TAGS)) and after > before + 10
    assert found.labels.num_rows == len(WRONG) and found.sentences.num_rows == len(TAGS)
    lines = found.corrected.decode().splitlines()
    assert json.loads(lines[0]) == {"tokens": TOKENS[0], "tags": found.tags[0]}


def test_it_is_shown_and_kept(found, tmp_path):
    assert "tags look wrong" in repr(found) and "<mark" in found._repr_html_()
    found.save(tmp_path / "kept")
    again = meta_noise.load_tag_findings(tmp_path / "kept")
    assert again.labels.equals(found.labels) and again.tags == found.tags and again.corrected == found.corrected
    assert again._repr_html_() == found._repr_html_() and repr(again) == repr(found)
    (tmp_path / "kept" / "labels.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="damaged"):
        meta_noise.load_tag_findings(tmp_path / "kept")


def test_numbers_of_a_data_set_have_names(found):
    numbers = [[NAMES.index(tag) for tag in tags] for tags in TAGS]
    other = meta_noise.clean_tags(DataSet(tokens=TOKENS, ner_tags=numbers))
    assert other.tags == found.tags
    assert json.loads(other.corrected.decode().splitlines()[0])["tags"] == [NAMES.index(tag) for tag in found.tags[0]]


@pytest.mark.parametrize(
    ("data", "tags", "said"),
    [
        (TOKENS, TAGS[1:], "sentences has 80 lists and tags 79"),
        (TOKENS, [TAGS[0][:-1], *TAGS[1:]], "Row 1 of sentences has "),
        (["Kano ta"] * 80, TAGS, "Row 1 of sentences has no list of tokens"),
        (TOKENS, None, "takes a list of sentences"),
        ("nowhere.conll", None, "There is no file 'nowhere.conll'"),
        (DataSet(tokens=TOKENS), "pos", "has no columns tokens and pos"),
    ],
)
def test_what_cannot_be_used_gets_one_sentence(data, tags, said):
    with pytest.raises(InputError, match=said):
        meta_noise.clean_tags(data, tags)


def test_data_sets_come_back_as_such(found):
    datasets = pytest.importorskip("datasets")
    numbers = [[NAMES.index(tag) for tag in tags] for tags in TAGS]
    kinds = {
        "tokens": datasets.Sequence(datasets.Value("string")),
        "ner_tags": datasets.Sequence(datasets.ClassLabel(names=NAMES)),
        "source": datasets.Value("string"),
    }
    columns = {"tokens": TOKENS, "ner_tags": numbers, "source": ["news"] * len(TAGS)}
    data = datasets.Dataset.from_dict(columns, features=datasets.Features(kinds))
    parts = datasets.DatasetDict({"train": data.select(range(60)), "test": data.select(range(60, len(TAGS)))})
    cleaned = meta_noise.clean_tags(parts).cleaned
    assert isinstance(cleaned, datasets.DatasetDict) and list(cleaned) == ["train", "test"]
    assert cleaned["train"].features == data.features and cleaned["test"]["tokens"][:] == TOKENS[60:]
    tags = [[NAMES[tag] for tag in one] for part in cleaned.values() for one in part["ner_tags"]]
    assert tags == found.tags and found.cleaned is None
