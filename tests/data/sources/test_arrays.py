import numpy as np
import pytest

from meta_noise.data.sources.arrays import arrays
from meta_noise.errors import InputError

IMAGES = np.arange(3 * 2 * 2 * 1).reshape(3, 2, 2, 1).astype(np.uint8)
LABELS = [0, 1, 1]


def test_rows_may_be_trusted():
    assert arrays(IMAGES, LABELS).trusted is None
    assert arrays(IMAGES, LABELS, trusted=[True, False, True]).trusted.tolist() == [True, False, True]


def test_images_stay_as_they_are():
    source = arrays(IMAGES, LABELS)
    assert source.inputs.dtype == np.uint8 and np.array_equal(source.inputs, IMAGES)
    assert source.labels.dtype == np.int32 and source.labels.tolist() == LABELS
    assert source.class_names == ("0", "1") and source.true_labels is None
    assert source.ids.tolist() == ["arrays-00000", "arrays-00001", "arrays-00002"]


def test_other_forms_are_accepted():
    assert arrays(IMAGES[..., 0], LABELS).inputs.shape == (3, 2, 2, 1)
    floats = arrays(IMAGES[..., 0] / 255, LABELS)
    assert floats.inputs.dtype == np.float32 and floats.inputs.shape == (3, 2, 2, 1)
    vectors = arrays([[-1, 2], [300, 4], [5, 6]], LABELS)
    assert vectors.inputs.dtype == np.float32 and vectors.inputs.shape == (3, 2)
    full = arrays(IMAGES, np.array(LABELS, np.uint8), [7, 8, 9], ["cat", "dog", "owl"], [2, 1, 1], name="pets")
    assert full.ids.tolist() == ["7", "8", "9"] and full.num_classes == 3 and full.name == "pets"
    assert full.true_labels.tolist() == [2, 1, 1] and full.true_labels.dtype == np.int32
    assert arrays(IMAGES, LABELS, true_labels=[0, 3, 1]).num_classes == 4


@pytest.mark.parametrize(
    "inputs, message",
    [
        (np.zeros((0, 2)), "inputs is empty"),
        (np.zeros(3), r"inputs has shape \(3,\)"),
        (np.zeros((3, 1, 1, 1, 1)), "give images"),
        ([[1, 2], [3], [4, 5]], "same shape"),
        (np.array([["a"], ["b"], ["c"]]), "dtype <U1; give numbers for vectors"),
        (IMAGES.astype(np.int64), "dtype int64; give uint8"),
        (np.array([[0.0], [np.nan], [np.inf]]), r"row 1 holds a NaN.*\(2 such rows\)"),
        (np.array([[0.0], [1e300], [0.0]]), "row 1 holds a NaN or an infinite number"),
        (IMAGES.astype(float), r"row 0 leaves \[0, 1\]; scale"),
    ],
)
def test_wrong_inputs_say_what_would_be_right(inputs, message):
    with pytest.raises(InputError, match=message):
        arrays(inputs, LABELS)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"labels": [0, 1]}, "labels has 2 entries but inputs has 3 rows"),
        ({"labels": [0, -1, -2]}, r"labels\[1\] is -1; .*2 such rows"),
        ({"labels": [0, 2, 1], "class_names": ["a", "b"]}, r"labels\[1\] is 2; classes are 0\.\.1"),
        ({"labels": [0, 2**40, 1]}, r"labels\[1\] is 1099511627776"),
        ({"labels": [0.0, 1.0, 1.0]}, "dtype float64"),
        ({"labels": ["a", "b", "b"]}, "numpy.unique"),
        ({"labels": np.eye(3)}, "take the argmax of one-hot"),
        ({"labels": [0, 0, 0]}, "only 1 class"),
        ({"class_names": ["a", "a"]}, "'a' more than once"),
        ({"class_names": ["a"]}, "only 1 class"),
        ({"true_labels": [0, 1]}, "true_labels has 2 entries"),
        ({"true_labels": [0, 1, 5], "class_names": ["a", "b"]}, r"true_labels\[2\] is 5"),
        ({"trusted": [0, 2]}, r"trusted is int64 of shape \(2,\); it must be \[N\] bool"),
        ({"trusted": [True, False]}, "trusted has 2 entries"),
        ({"ids": ["a", "b"]}, "ids has 2 entries"),
        ({"ids": ["a", "b", "a"]}, "'a' occurs in rows 0 and 2"),
    ],
)
def test_wrong_labels_ids_and_names_say_what_would_be_right(settings, message):
    with pytest.raises(InputError, match=message):
        arrays(**({"inputs": IMAGES, "labels": LABELS} | settings))
