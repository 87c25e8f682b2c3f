"""The documentation: pages, and `docs.generate`, which makes tables and pages from results and from the code."""
