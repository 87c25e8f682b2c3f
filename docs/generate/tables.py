"""The tables of the pages by name, each made from stored results."""

from collections.abc import Callable

from docs.generate.costs import costs
from docs.generate.methods import (
    methods_on,
    methods_on_cifar10n,
    methods_on_texts,
    methods_on_weak_labels,
    ours,
    published,
    readme,
)
from docs.generate.own_data import beside_cleanlab, trusted_rows
from experiments.table import summary_of

TABLES: dict[str, Callable[..., str]] = {
    "beside_cleanlab": beside_cleanlab,
    "costs": costs,
    "methods": readme,
    "methods_on": methods_on,
    "methods_on_cifar10n": methods_on_cifar10n,
    "methods_on_texts": methods_on_texts,
    "methods_on_weak_labels": methods_on_weak_labels,
    "ours": ours,
    "published": published,
    "summary_of": summary_of,
    "trusted_rows": trusted_rows,
}
