"""A run: from settings and data to a run folder, and back from the folder."""
