"""Robust training on noisy labels by meta-learning."""
