"""A user's own data: what is wrong with its labels, and what a person's answers bring."""
