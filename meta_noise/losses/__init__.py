"""Losses: pure functions of arrays, one formula per file."""
