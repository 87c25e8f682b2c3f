import pytest

from meta_noise.build.defaults import resolved
from meta_noise.build.method import learns_clean
from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.config.parse import parse


@pytest.mark.parametrize(
    ("words", "changes", "expected"),
    [
        ("supervised", {}, False),
        ("dividemix", {}, False),
        ("supervised", {"train": {"finetune_epochs": 5}}, True),
        ("noisy_and_clean", {}, True),
        ("mixmatch", {}, True),
        ("l2r", {}, True),
        ("l2r,clean=auto", {}, True),
    ],
)
def test_which_runs_see_trusted_rows(words, changes, expected):
    config = merge(load(f"configs/digits.py:{words}"), changes)
    assert learns_clean(resolved(parse(config))) is expected
