"""The names of the package as a notebook sees them: listed, explained, and imported when they are used."""

import pydoc
import subprocess
import sys

import numpy as np
import pytest

import meta_noise
from meta_noise import terminal


def test_names_are_listed_and_there():
    assert set(dir(meta_noise)) == set(meta_noise.__all__)
    for name in meta_noise.__all__:
        assert getattr(meta_noise, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        meta_noise.nothing  # noqa: B018


def test_help_explains():
    for name in ("clean", "fit", "inspect", "NoisyLabelClassifier"):
        text = pydoc.render_doc(getattr(meta_noise, name), renderer=pydoc.plaintext)
        assert "Args:" in text and "trusted" in text, name
    assert "NoisyLabelClassifier" in pydoc.render_doc(meta_noise, renderer=pydoc.plaintext)


def test_listing_imports_nothing():
    code = "import sys, meta_noise; dir(meta_noise); sys.exit('jax' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_results_print_in_a_line():
    rng = np.random.default_rng(0)
    inputs = np.concatenate([rng.normal(0, 0.3, (20, 2)), rng.normal(2, 0.3, (20, 2))])
    config = {"train": {"epochs": 1, "devices": 1}, "model": {"hidden": [4]}}
    fitted = meta_noise.fit(inputs, np.arange(40) // 20, method="supervised", config=config)
    assert repr(fitted).startswith("<Fitted: ") and len(repr(fitted)) < 200 and "<table>" in fitted._repr_html_()
    assert fitted.findings.labels is fitted.labels


def test_progress_is_shown_where_somebody_looks(monkeypatch):
    assert terminal.usual_console().quiet
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    assert not terminal.usual_console().quiet
