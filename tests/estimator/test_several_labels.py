"""Several labels a row: refused with what does it, and learned through scikit-learn's own wrapper."""

import numpy as np
import pytest
from sklearn.multioutput import MultiOutputClassifier

import meta_noise
from meta_noise.errors import InputError
from tests import several

FEATURES, TRUTH, GIVEN = several.rows()


def test_a_matrix_of_labels_is_refused_with_what_takes_it():
    for given in (GIVEN, np.asfortranarray(GIVEN)):
        with pytest.raises(InputError, match=r"y should be a 1d array, .*clean_multilabel\(X, y\) judges them"):
            meta_noise.NoisyLabelClassifier().fit(FEATURES, given)


def test_a_classifier_for_each_label():
    found = MultiOutputClassifier(meta_noise.NoisyLabelClassifier()).fit(FEATURES, GIVEN[:, :2]).predict(FEATURES)
    assert (found == TRUTH[:, :2]).mean() > (GIVEN == TRUTH)[:, :2].mean() + 0.02
