"""`meta_noise.clean_multilabel`: frames, lists and matrices in, findings out, kept in a folder."""

import io

import numpy as np
import pyarrow.parquet as pq
import pytest

import meta_noise
from meta_noise.errors import InputError
from tests import several

FEATURES, TRUTH, GIVEN = several.rows()


@pytest.fixture(scope="module")
def found():
    return meta_noise.clean_multilabel(FEATURES, GIVEN)


def test_a_matrix_gets_a_matrix(found):
    assert found.classes == ("class_0", "class_1", "class_2") and found.suggested.shape == GIVEN.shape
    assert (found.suggested == TRUTH).sum() > (GIVEN == TRUTH).sum() + 8
    assert found.sets[0] == [found.classes[place] for place in np.flatnonzero(found.suggested[0])]
    assert found.labels.num_rows == 120 and found.by_class.num_rows == 360


def test_it_is_shown_and_kept(found, tmp_path):
    assert "labels look wrong" in repr(found) and "<mark" in found._repr_html_()
    found.save(tmp_path / "kept")
    again = meta_noise.load_multilabel_findings(tmp_path / "kept")
    assert again.labels.equals(found.labels) and again.corrected == found.corrected and again.classes == found.classes
    assert (again.suggested == found.suggested).all() and again._repr_html_() == found._repr_html_()
    (tmp_path / "kept" / "labels.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="damaged"):
        meta_noise.load_multilabel_findings(tmp_path / "kept")


def test_a_frame_gets_a_frame_with_its_index(found, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": list(FEATURES), "labels": several.sets(GIVEN)}, index=range(1000, 1120))
    other = meta_noise.clean_multilabel(frame, trusted="", features="x")
    assert isinstance(other.labels, pandas.DataFrame) and other.labels.index.tolist() == frame.index.tolist()
    order = [other.classes.index(name) for name in several.NAMES]
    assert (other.suggested[:, order] == found.suggested).mean() > 0.98  # folds are others, as classes are sorted
    written = pq.read_table(io.BytesIO(other.corrected))["labels"].to_pylist()
    assert [set(one) for one in written] == [set(one) for one in other.sets]
    other.save(tmp_path / "kept")
    assert meta_noise.load_multilabel_findings(tmp_path / "kept").labels.num_rows == 120


@pytest.mark.parametrize(
    ("data", "label", "said"),
    [
        (FEATURES, GIVEN[:50], "Labels are given for 50 rows, and the array has 120"),
        ({"a": [1.0] * 30, "text": ["x"] * 30}, {"a": [1] * 30}, "has a column 'a', which is a class"),
        (FEATURES[:10], GIVEN[:10], "10 rows, too few to tell anything"),
        (FEATURES, 3.5, "Labels are of type float"),
    ],
)
def test_what_does_not_fit_is_said(data, label, said):
    with pytest.raises(InputError, match=said):
        meta_noise.clean_multilabel(data, label)
