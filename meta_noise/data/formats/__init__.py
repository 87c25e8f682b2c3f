"""Files in published formats: found, checked against what was published, read without running anything in them."""
