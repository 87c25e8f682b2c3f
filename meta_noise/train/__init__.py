"""The training loop and what it needs: sharding, checkpoints, metrics, evaluation."""
