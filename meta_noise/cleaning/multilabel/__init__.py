"""Rows with several labels each: which labels are wrong or missing."""
