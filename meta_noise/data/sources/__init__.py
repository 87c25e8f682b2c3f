"""Data sets: `name(path, part, ...) -> Source`, one file each, found by its name."""
