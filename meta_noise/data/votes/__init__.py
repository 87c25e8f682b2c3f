"""Several labels of one row: of people, of rules, or as probabilities."""
