"""How distributors lay out their image sets: `name(tree, ...) -> Plan`, one file for each."""
