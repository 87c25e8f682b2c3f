"""Networks of the meta level: small Flax modules that methods use, not classifiers."""
