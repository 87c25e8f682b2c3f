"""The first seconds: help, version and wrong arguments answer before anything slow is imported; closed pipes."""

import argparse
import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from meta_noise import main
from meta_noise.cleaning.asked import check_asked
from meta_noise.cli.arguments import COLOURS, COMMANDS, SETS
from meta_noise.cli.run import run
from meta_noise.cli.words import told
from meta_noise.errors import InputError
from meta_noise.version import __version__

ROOT = Path(__file__).parents[2]
SLOW = ("jax", "sklearn", "scipy", "pyarrow", "matplotlib", "grain", "pandas", "orbax")
CALLED = f"""
import atexit, sys
atexit.register(lambda: print("slow:", *(name for name in {SLOW!r} if name in sys.modules), file=sys.stderr))
from meta_noise.{{module}} import run
sys.exit(run())
"""


def called(*arguments, module="cli.run"):
    """Returns what a process of its own printed, and which slow packages it imported."""
    words = [sys.executable, "-c", CALLED.format(module=module), *map(str, arguments)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300)
    (slow,) = re.findall(r"^slow:(.*)$", done.stderr, re.MULTILINE)
    return done.returncode, done.stdout, done.stderr, slow.split()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_says_its_default(name):
    """Or is needed; choices are named."""
    parser = argparse.ArgumentParser()
    COMMANDS[name].add(parser)
    for option in parser._actions:
        if option.option_strings and not option.required and not isinstance(option, argparse._HelpAction):
            assert "default" in (option.help or ""), option.option_strings
        for choice in option.choices or ():
            assert choice in (option.help or "") + parser.format_help()


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_imports_nothing_slow(words):
    code, said, _, slow = called(*words)
    assert code == 0 and not slow
    assert __version__ in said if words == ["--version"] else "examples:" in said


def test_help_of_a_config_imports_nothing_slow():
    code, said, _, slow = called("--help", module="main")
    assert code == 0 and not slow and "--config.train.epochs" in said and "resnet_cifar" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "required: COMMAND"),
        (["claen"], "Did you mean 'clean'?"),
        (["clean"], "required: data, --out. See meta-noise clean --help."),
        (["clean", "{there}", "--out", "{new}", "--epochs", "many"], "invalid int value: 'many'"),
        (["clean", "{there}", "--out", "{new}", "--epochs=-1"], "epochs is -1; give 1 or more"),
        (["clean", "{there}", "--out", "{new}", "--seed=-1"], "seed is -1"),
        (["clean", "{there}", "--out", "{new}", "--method", "mw_nett"], "Did you mean 'mw_net'?"),
        (["clean", "{there}", "--out", "{new}", "--model", "resnett"], "Did you mean 'resnet'?"),
        (["clean", "{there}", "--out", "{new}", "--max-rows=-1"], "--max-rows must be 0 or more, got -1"),
        (["clean", "{there}", "--out", "{new}", "--image-size", "0"], "--image-size must be 1 or more, got 0"),
        (["clean", "{there}s", "--out", "{new}"], "does not exist. Did you mean"),
        (["inspect", "{new}"], "does not exist"),
        (["inspect", "{there}", "--json", "{there}"], "left as it is"),
        (["queue", "{new}"], "There is no run folder"),
        (["queue", "{folder}", "--n", "0"], "--n must be 1 or more"),
        (["ingest", "{folder}", "{new}"], "does not exist"),
        (["predict", "{folder}", "{there}", "--out", "found.txt"], "must end in .csv or .parquet"),
        (["predict", "{folder}", "{there}", "--out", "{there}"], "is not overwritten"),
        (["export", "{new}"], "There is no run folder"),
        (["prepare", "clothing", "--from", "{folder}", "--to", "{new}"], "Did you mean 'clothing1m'?"),
    ],
)
def test_wrong_arguments_are_one_sentence(tmp_path, capsys, words, sentence):
    (tmp_path / "rows.csv").write_text("label,a\n")
    places = {"there": tmp_path / "rows.csv", "new": tmp_path / "new", "folder": tmp_path}
    assert run([word.format(**places) for word in words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and sentence in said and said.count("\n") == 1 and not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "words", [["clean", "nowhere.csv", "--out", "new"], ["predict", "nowhere", "x.csv"], ["clean", "--nothing"]]
)
def test_wrong_arguments_import_nothing_slow(words):
    code, _, said, slow = called(*words)
    assert code == 2 and not slow and said.startswith("error: ")


def test_python_checks_the_same():
    with pytest.raises(InputError, match="epochs is -1"):
        check_asked(epochs=-1)
    check_asked(method="my_package.my_method", model="mlp", epochs=3, seed=1)


def test_what_the_options_offer_is_what_there_is():
    from meta_noise.cli.prepare import LAYOUTS
    from meta_noise.data.sources import cnwl

    assert set(SETS) == set(LAYOUTS) and COLOURS == cnwl.COLOURS


def test_a_pipe_that_closes_early():
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for command in (["meta_noise.cli.run", "--help"], ["meta_noise.main", "--help"]):
        reading, writing = os.pipe()
        os.close(reading)  # nobody reads a single byte
        words = [sys.executable, "-m", *command]
        done = subprocess.run(words, cwd=ROOT, env=buffered, stdout=writing, stderr=subprocess.PIPE, timeout=300)
        os.close(writing)
        assert done.returncode == main.CLOSED and not done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "runs/x holds a run with another config: config.train.epochs (3 there, 4 now). Choose another --workdir, "
            "or its settings.",
            "runs/x holds a run with other settings: --epochs (3 there, 4 now). Choose another --out, or its settings.",
        ),
        (
            "The loss is not finite. Try a lower learning rate (config.optimizer.lr) or clipping "
            "(config.optimizer.clip=5.0), in a new workdir.",
            "The loss is not finite. Try another --method or --model, or look for extreme inputs, with a new --out.",
        ),
        (
            "x.json is missing. Run `python -m meta_noise.main --config=... --workdir=a b` again: it resumes.",
            "x.json is missing. Give the command of the run again: it resumes.",
        ),
        (
            "x.csv has no column of labels. Name the right one by label=... (--label). Perhaps --label kind?",
            "x.csv has no column of labels. Name the right one by --label. Perhaps --label kind?",
        ),
        (
            "line 7: line 6 has this id too, or say id='' (--id ''). Or go on without bad rows: skip_bad=True "
            "(--skip-bad).",
            "line 7: line 6 has this id too, or say --id ''. Or go on without bad rows: --skip-bad.",
        ),
        ("Name one by image=..., text=... or features=....", "Name one by --image, --text or --features."),
        ("trusted='a.csv' is neither a column nor a file.", "--trusted 'a.csv' is neither a column nor a file."),
        ("epochs is -1; give 1 or more.", "--epochs is -1; give 1 or more."),
        ("config.optimizer.lr must be positive", "the setting optimizer.lr must be positive"),
        (
            "my/config.json, my-config.data.csv: 3 rows of config",
            "my/config.json, my-config.data.csv: 3 rows of config",
        ),
    ],
)
def test_sentences_are_told_in_the_words_of_the_command(text, words):
    assert told(text) == words


def sentences():
    """Returns (file, text) of all texts with settings in them below the command line, docstrings left out."""
    files = [path for path in (ROOT / "meta_noise").rglob("*.py") if path.parent.name not in ("cli", "config")]
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if id(node) in documented | parts or path.name == "main.py":
                continue
            if isinstance(node, ast.JoinedStr):
                text = "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            else:
                continue
            if " " in text and re.search(r"config\.\w|workdir", text):
                yield f"{path.name}: {text}"


def test_no_sentence_speaks_of_a_config_to_the_user_of_a_command():
    found = list(sentences())
    assert len(found) > 20
    assert not [text for text in found if re.search(r"config\.(?!json)|workdir", told(text.partition(": ")[2]))]
