"""BibTeX of a run: every name of every room is cited or plain, and what is printed can be read by BibTeX."""

import re

import pytest

from meta_noise.cli.run import run
from meta_noise.config import registry
from meta_noise.core import cotangents
from meta_noise.runs.cite import PLAIN, bibtex, cite, names_of, references

ROOMS = {"methods": "methods", "losses": "losses", "models": "models", "data.sources": "data"}
ROOMS |= {"data.noise": "noise", "data.augment": "augment"}


def test_every_name_is_cited_or_plain():
    known = frozenset().union(*(one.used for one in references()))
    ours = {f"{short}/{name}" for room, short in ROOMS.items() for name in registry.names(room)}
    filters = {f"cotangents/{name}" for name in ("layer_sampler", "keep_all", "keep_last", "keep_layers")}
    assert all(hasattr(cotangents, name.partition("/")[2]) for name in filters - {"cotangents/layer_sampler"})
    assert (ours | filters) - known - PLAIN == set()
    assert known - ours - filters == {"clean/auto", "votes"}
    assert not known & PLAIN


def test_entries_are_whole():
    keys = []
    for one in references():
        kind, key = re.match(r"@(\w+)\{(\w+),\n", one.text).groups()
        keys.append(key)
        assert kind in ("inproceedings", "article", "misc", "techreport") and one.text.count("{") == one.text.count("}")
        assert re.search(r"^  title = \{.+\},$", one.text, re.MULTILINE) and re.search(r"  year = \{\d{4}\}", one.text)
        assert "used" not in one.text
    assert len(set(keys)) == len(keys)


def test_a_config_names_what_it_uses():
    config = {
        "method": {"name": "mw_net", "loss": "gce"},
        "meta": {"cotangents": {"name": "layer_sampler"}},
        "clean": {"auto": True},
        "model": {"name": "wide_resnet"},
        "data": {"name": "cifar10"},
        "noise": {"name": "instance"},
        "augment": {"name": "autoaugment"},
        "view": {"name": ""},
    }
    text = bibtex(names_of(config), "1.2.3")
    for key in ("meta_noise", "shu2019metaweightnet", "zhang2018generalized", "xu2021faster", "li2020dividemix"):
        assert f"{{{key},\n" in text
    for key in ("zagoruyko2016wide", "krizhevsky2009learning", "xia2020part", "cubuk2019autoaugment"):
        assert f"{{{key},\n" in text
    assert text.count("\n@") == 8 and "version = {1.2.3}" in text and "%" not in text


def test_what_is_not_ours_is_named():
    assert "% 'methods/my_package.mine' is not part of this library" in bibtex(["methods/my_package.mine"])


def test_the_command_prints_it(world, capsys):
    assert run(["cite", str(world.run)]) == 0
    said = capsys.readouterr().out
    assert said == cite(world.run) and "shu2019metaweightnet" in said and "% " not in said


@pytest.mark.parametrize("content", [None, "{}", "[1]"])
def test_what_is_no_run_is_refused(tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    assert run(["cite", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and str(tmp_path) in error.replace("\n", "") and "Traceback" not in error
