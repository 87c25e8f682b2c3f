"""Which labels are wrong and what they should be: candidates, a judge, and one answer, on arrays alone."""
