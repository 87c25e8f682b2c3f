"""Packaging: metadata, dependencies and extras. Tool settings live in pyproject.toml."""

import runpy
from pathlib import Path

from setuptools import find_packages, setup

setup(
    name="meta_noise",
    version=runpy.run_path("meta_noise/version.py")["__version__"],
    description="Robust classifiers from noisy labels, by meta-learning with a small clean set (JAX, Flax).",
    long_description=Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=[*find_packages(include=["meta_noise", "meta_noise.*"]), "meta_noise.configs"],
    package_dir={"meta_noise.configs": "configs"},  # found as configs/x.py from any folder, see config/file.py
    package_data={"meta_noise": ["py.typed", "report/*.jinja", "report/*.css", "report/*.js", "runs/*.bib"]},
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    keywords=["noisy labels", "label errors", "meta-learning", "bi-level optimisation", "JAX", "Flax"],
    install_requires=[
        "jax>=0.10,<0.13",
        "flax>=0.12.8,<0.13",
        "optax>=0.2.8",
        "orbax-checkpoint>=0.12.8,<0.13",
        "chex>=0.1.92",
        "ml_collections>=1.1",
        "absl-py>=2.3",
        "numpy>=2.0",
        "msgspec>=0.20",  # types of what is read back
        "scikit-learn>=1.6",  # validate_data
        "threadpoolctl>=3.1",
        "scipy>=1.13",
        "pyarrow>=17",
        "matplotlib>=3.9",
        "jinja2>=3.1",
        "rich>=13.7",
        "filelock>=3.12",  # for the size limit of JAX's compilation cache, and two processes at once
        "flatbuffers>=24",  # for jax.export, which does not require it
        "pillow>=10",
        "tensorflow-datasets>=4.9.10",
        "importlib_resources",  # needed by tensorflow-datasets, which does not declare it
        "grain>=0.2.18",
    ],
    extras_require={
        "cuda": ["jax[cuda13]"],
        "tpu": ["jax[tpu]"],
        "k8s": ["jax[k8s]"],  # --multihost=auto on Kubernetes without TPUs
        "convert": ["safetensors>=0.5", "h5py>=3.11"],  # published weights
        "encoder": ["safetensors>=0.5", "tokenizers>=0.20"],  # --encoder
        "save": ["skops>=0.14"],  # NoisyLabelClassifier.save without pickle
        "test": [
            "skops>=0.14",
            "pytest>=8",
            "pytest-xdist>=3.6",
            "websockets>=13",
            "axe-core-python>=0.1",  # the accessibility checker of tests/report/test_browser.py
            "safetensors>=0.5",
            "h5py>=3.11",
            "tokenizers>=0.20",
            "jupytext>=1.16",  # notebooks and their sources agree
            "hypothesis>=6.130",
            "pyyaml>=6",
            "kubernetes>=31",  # types of launch/gke_jobset.yaml
        ],
        "docs": [
            "sphinx>=8",
            "furo>=2025.7",
            "myst-parser>=4",
            "sphinx-copybutton>=0.5",
            "sphinx-design>=0.6",
            "sphinx-mathjax-offline>=0.0.2",
        ],
        "notebooks": ["jupytext>=1.16", "nbclient>=0.10", "ipykernel>=6.29"],  # making and running those of colab/
        "compare": ["cleanlab>=2.7"],  # experiments/own_data
        "bench": ["torch>=2.6", "torchopt>=0.7.3", "betty-ml>=0.1.1"],  # experiments/benchmark --peers
        "dev": [
            "ruff==0.17.5",
            "mypy==2.4.1",
            "pre-commit>=4",
            "cosmic-ray>=8.4",
            "pip-audit>=2.9",
            "cyclonedx-bom>=7",
        ],
    },
    entry_points={"console_scripts": ["meta-noise = meta_noise.cli.run:run"]},
)
