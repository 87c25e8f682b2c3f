"""What a step of each method costs, against a plain step in the same run."""
