"""Noisy labels as scikit-learn users know classifiers: one estimator, and what it says of every label."""
