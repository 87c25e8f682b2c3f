"""The notebooks: made from their sources, without outputs or magic, and each runs from the first cell to the last."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from colab.make import HERE, notebook_of, sources, text_of

SOURCES = sources()
NAMES = [source.stem for source in SOURCES]
BEGINNING = "# Installs the library where it is missing"


def code(source: Path) -> list[str]:
    return [cell.source for cell in notebook_of(source).cells if cell.cell_type == "code"]


def test_there_are_six():
    assert len(SOURCES) == 6
    assert sorted(path.stem for path in HERE.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_notebook_and_source_agree(source):
    assert source.with_suffix(".ipynb").read_text(encoding="utf-8") == text_of(source), "run python -m colab.make"


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_form(source):
    notebook = nbformat.read(source.with_suffix(".ipynb"), 4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in notebook.cells)
    for text in code(source):
        ast.parse(text)  # no magics, no shell lines
    first, second = notebook.cells[:2]
    assert first.source.startswith("# ") and "**Runtime:**" in first.source
    assert second.source.startswith(BEGINNING)


def test_all_begin_alike():
    assert len({code(source)[0] for source in SOURCES}) == 1


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_only_public_names_are_imported(source):
    """What begins with an underscore, and rooms that only the library itself uses, are not for notebooks."""
    allowed = r"meta_noise(\.(core|losses|models|methods\.\w+|config\.(file|argument)))?"
    for node in ast.walk(ast.parse("\n".join(code(source)))):
        modules = [node.module] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            if module and module.startswith("meta_noise"):
                assert re.fullmatch(allowed, module) and not any(name.startswith("_") for name in names), module


def beginning(tmp_path, lines: str, *options: str) -> subprocess.CompletedProcess:
    """Runs the first cell after `lines`, in a process of its own."""
    text = f"{lines}\n{code(SOURCES[0])[0]}"
    command = [sys.executable, *options, "-c", text]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)


def test_without_the_package(tmp_path):
    """Where it cannot be installed, the first cell says what to do."""
    lines = "import importlib.util, subprocess\nfound = importlib.util.find_spec\n"
    lines += "importlib.util.find_spec = lambda name: None if name == 'meta_noise' else found(name)\n"
    lines += "subprocess.run = lambda *a, **k: subprocess.CompletedProcess(a, 1)\n"
    done = beginning(tmp_path, lines)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert re.search(r"pip install --quiet meta_noise failed. Upload a wheel or a checkout, name it", done.stderr)


def test_with_an_older_jax(tmp_path):
    done = beginning(tmp_path, "import jax\njax.__version__ = '0.4.38'\n")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "This session runs JAX 0.4.38, meta_noise needs jax" in done.stderr and "Restart session" in done.stderr


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_runs_to_its_end(source, tmp_path, monkeypatch):
    client = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("META_NOISE_SHORT", "1")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(source.with_suffix(".ipynb"), 4)
    client.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert any(cell.get("outputs") for cell in notebook.cells)
