"""Names of tensors in published weights: `NAMINGS` of a file named like the network, one for each publisher."""
