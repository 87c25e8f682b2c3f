"""Notebooks: `NAME.py` is the source of `NAME.ipynb`."""
