"""Makes the notebooks from their sources: `python -m colab.make`, or `make notebooks`.

A source is a Python file in the percent format (`# %%` begins a cell, `# %% [markdown]` a text); its head says which
runtime it wants. No outputs are stored, and cells are numbered, so that the same source gives the same notebook.
"""

import sys
from pathlib import Path

import jupytext
import nbformat

HERE = Path(__file__).parent
NOT_SOURCES = {"__init__.py", "make.py"}
RUNTIMES = {"CPU": {}, "T4": {"accelerator": "GPU", "gpuType": "T4"}, "TPU": {"accelerator": "TPU", "gpuType": "V5E1"}}


def sources() -> list[Path]:
    """Returns the sources in the order of their names."""
    return sorted(path for path in HERE.glob("*.py") if path.name not in NOT_SOURCES)


def notebook_of(source: Path) -> nbformat.NotebookNode:
    """Returns the notebook of a source.

    Raises:
        ValueError: its head does not name a runtime of `RUNTIMES`.
    """
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    runtime = notebook.metadata.get("runtime")
    if runtime not in RUNTIMES:
        raise ValueError(f"{source.name} must name a runtime of {list(RUNTIMES)} in its head, got {runtime!r}")
    chosen = RUNTIMES[runtime]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "colab": {
            "name": f"{source.stem}.ipynb",
            "provenance": [],
            **{k: v for k, v in chosen.items() if k == "gpuType"},
        },
    }
    if "accelerator" in chosen:
        metadata["accelerator"] = chosen["accelerator"]
    notebook.metadata = nbformat.from_dict(metadata)
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"{source.stem}-{number}", nbformat.from_dict({})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def text_of(source: Path) -> str:
    """Returns the content of the `.ipynb` of a source."""
    return nbformat.writes(notebook_of(source), indent=1) + "\n"


def main() -> int:
    """Writes every notebook beside its source."""
    for source in sources():
        source.with_suffix(".ipynb").write_text(text_of(source), encoding="utf-8")
        print(source.with_suffix(".ipynb"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
