"""Experiments: a table each, made by one command that can be interrupted and resumed."""
