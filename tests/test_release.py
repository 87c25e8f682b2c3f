"""What is released: one version, and a wheel and an sdist that hold what they must, and work once installed."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from meta_noise.version import __version__

ROOT = Path(__file__).parents[1]
SETUP = (ROOT / "setup.py").read_text("utf-8")


def test_there_is_one_version():
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert "version.py" in SETUP and __version__ not in SETUP
    headings = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == ("Unreleased", "") and headings[1][0] == __version__ and headings[1][1]
    assert f"date-released: {headings[1][1]}" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_the_workflow_tries_what_setup_says():
    flow = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    versions = re.findall(r"Python :: (3\.\d+)", SETUP)
    assert versions and all(f'"{version}"' in flow for version in versions)
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["target-version"]
    assert f">={versions[0]}" in SETUP and oldest == "py" + versions[0].replace(".", "")
    assert re.search(r'"jax>=[0-9.]*,', SETUP)  # which the workflow reads


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel and an sdist, built from the files of the project alone."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("meta_noise", "configs"):
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for command in ("build_sdist", "build_wheel"):
        code = f"from setuptools import build_meta; build_meta.{command}({str(out)!r})"
        ended = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr[-2000:]
    return out


@pytest.mark.slow
def test_what_they_hold(built):
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    inside = set(zipfile.ZipFile(wheel).namelist())
    with tarfile.open(sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    files = [path for path in (ROOT / "meta_noise").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    ours = {path.relative_to(ROOT).as_posix() for path in files}
    assert ours - inside == set() and ours - sources == set()
    assert {f"meta_noise/configs/{path.name}" for path in (ROOT / "configs").glob("*.py")} <= inside
    assert {"meta_noise/py.typed", "meta_noise/report/page.html.jinja", "meta_noise/runs/references.bib"} <= inside
    assert {"LICENSE", "README.md", "setup.py", "configs/digits.py"} <= sources
    assert not {name for name in inside if name.startswith(("tests", "docs", "experiments", "colab", "examples"))}
    info = next(name for name in inside if name.endswith("METADATA"))
    text = zipfile.ZipFile(wheel).read(info).decode()
    assert f"\nVersion: {__version__}\n" in text and "Classifier: Typing :: Typed" in text and "Project-URL" not in text


@pytest.mark.slow
def test_they_work_where_they_are_installed(built, tmp_path):
    """From an empty folder, the checkout out of sight; requirements are those of this interpreter."""
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    away = tmp_path / "away"
    away.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}

    def run(*words):
        command = [sys.executable, "-m", *words]
        ended = subprocess.run(command, cwd=away, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr[-2000:]
        return ended.stdout

    words = ("--config=configs/digits.py", "--workdir=run", "--config.train.epochs=1", "--config.train.devices=1")
    run("meta_noise.main", *words)
    assert (away / "run/report.html").is_file()
    assert "shu2019metaweightnet" in run("meta_noise.cli.run", "cite", "run")
    assert __version__ in run("meta_noise.cli.run", "--version")


@pytest.mark.slow
def test_a_program_that_uses_the_public_api_is_typed(tmp_path):
    """And one that uses it wrongly is not."""
    program = ROOT / "tests/typing/public_api.py"
    wrong = tmp_path / "wrong.py"
    wrong.write_text(program.read_text("utf-8").replace("score: float =", "score: str ="))
    for path, code in ((program, 0), (wrong, 1)):
        words = ["mypy", "--strict", "--follow-imports=silent", str(path)]
        ended = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == code, ended.stdout
