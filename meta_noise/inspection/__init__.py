"""What can be told about noisy labels before any training: `inspect(own) -> dict` for JSON."""
