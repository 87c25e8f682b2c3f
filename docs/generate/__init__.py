"""What the documentation says by numbers or by the code is made here: `python -m docs.generate`."""
