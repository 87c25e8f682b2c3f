"""Many devices: the same numbers, memory, what devices send each other, and a plan for machines not at hand."""
