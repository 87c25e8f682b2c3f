"""Data: sources, label noise, splits, batches. No method is known here."""
