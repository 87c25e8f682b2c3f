"""Every public function shows an example in its docstring, which gives what stands there; long ones with -m slow."""

import doctest
import inspect

import jax
import pytest

from docs.generate import api

SLOW_PAGES = {"meta_noise", "networks", "augmentations", "models"}  # by what they compile or trace
SLOW = {"bilevel", "single", "unrolled", "mixed_mode", "discounted", "every_nth", "warmed_up", "verify", "from_network"}
QUICK = {"mlp", "load_inspection", "from_functions"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def functions():
    for page, group in api.groups().items():
        for name, thing in api.things(group):
            if inspect.isfunction(inspect.unwrap(thing)) or name.endswith(("Classifier", "cite")):
                short = name.rpartition(".")[2]
                is_slow = short in SLOW or (page in SLOW_PAGES and short not in QUICK)
                yield pytest.param(thing, id=name, marks=[pytest.mark.slow] if is_slow else [])


FUNCTIONS = list(functions())


def examples_of(thing):
    finder = doctest.DocTestFinder(recurse=False)
    return [test for test in finder.find(thing, thing.__name__, globs={}) if test.examples]


def test_every_public_function_has_an_example():
    assert len(FUNCTIONS) > 100
    assert [param.id for param in FUNCTIONS if not examples_of(param.values[0])] == []


@pytest.mark.parametrize("thing", FUNCTIONS)
def test_it_gives_what_stands_there(thing, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = jax.config.values["jax_compilation_cache_dir"]
    said: list[str] = []
    try:
        for test in examples_of(thing):
            doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    finally:
        jax.config.update("jax_compilation_cache_dir", folder)
    assert said == [], "".join(said)
