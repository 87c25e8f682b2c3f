"""Robust training on noisy labels by meta-learning.

Public names, imported when they are first used, so that `import meta_noise.core` needs JAX and Optax only.
"""

import importlib
from typing import TYPE_CHECKING, Any

from meta_noise.version import __version__

if TYPE_CHECKING:
    from meta_noise.cleaning.asking import queue
    from meta_noise.cleaning.clean import clean
    from meta_noise.cleaning.inspected import inspect
    from meta_noise.cleaning.moves import copy_corrected
    from meta_noise.cleaning.multilabel.cleaned import clean_multilabel
    from meta_noise.cleaning.rounds import ingest
    from meta_noise.cleaning.tags.cleaned import clean_tags
    from meta_noise.core.bilevel import bilevel
    from meta_noise.core.meta_gradient import mixed_mode, unrolled
    from meta_noise.core.problem import Problem
    from meta_noise.core.single import Objective, single
    from meta_noise.errors import InputError
    from meta_noise.estimator.classifier import NoisyLabelClassifier, load_estimator
    from meta_noise.estimator.fit import fit
    from meta_noise.report.findings import Findings, load_findings
    from meta_noise.report.inspection import Inspection, load_inspection
    from meta_noise.report.multilabel_findings import MultilabelFindings, load_multilabel_findings
    from meta_noise.report.tag_findings import TagFindings, load_tag_findings
    from meta_noise.runs.fitted import Fitted
    from meta_noise.runs.run import run
    from meta_noise.runs.trained import load
    from meta_noise.train.cache import compilation_cache

_HOMES = {
    "Findings": "report.findings",
    "Fitted": "runs.run",
    "InputError": "errors",
    "Inspection": "report.inspection",
    "MultilabelFindings": "report.multilabel_findings",
    "NoisyLabelClassifier": "estimator.classifier",
    "Objective": "core.single",
    "Problem": "core.problem",
    "TagFindings": "report.tag_findings",
    "bilevel": "core.bilevel",
    "clean": "cleaning.clean",
    "clean_multilabel": "cleaning.multilabel.cleaned",
    "clean_tags": "cleaning.tags.cleaned",
    "compilation_cache": "train.cache",
    "copy_corrected": "cleaning.moves",
    "fit": "estimator.fit",
    "ingest": "cleaning.rounds",
    "inspect": "cleaning.inspected",
    "load": "runs.trained",
    "load_estimator": "estimator.classifier",
    "load_findings": "report.findings",
    "load_inspection": "report.inspection",
    "load_multilabel_findings": "report.multilabel_findings",
    "load_tag_findings": "report.tag_findings",
    "mixed_mode": "core.meta_gradient",
    "queue": "cleaning.asking",
    "run": "runs.run",
    "single": "core.single",
    "unrolled": "core.meta_gradient",
}

__all__ = [
    "Findings",
    "Fitted",
    "InputError",
    "Inspection",
    "MultilabelFindings",
    "NoisyLabelClassifier",
    "Objective",
    "Problem",
    "TagFindings",
    "__version__",
    "bilevel",
    "clean",
    "clean_multilabel",
    "clean_tags",
    "compilation_cache",
    "copy_corrected",
    "fit",
    "ingest",
    "inspect",
    "load",
    "load_estimator",
    "load_findings",
    "load_inspection",
    "load_multilabel_findings",
    "load_tag_findings",
    "mixed_mode",
    "queue",
    "run",
    "single",
    "unrolled",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'meta_noise' has no attribute {name!r}")
    return getattr(importlib.import_module(f"meta_noise.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
