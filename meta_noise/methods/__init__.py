"""Training methods: one file per method, found by its name."""
