"""Kills, full disks, two processes and flipped bits: what a run survives, counted."""
