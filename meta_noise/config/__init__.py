"""Settings of a run, and from names in them to functions."""
