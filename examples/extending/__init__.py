"""Parts of one's own, each a file that need not lie in the library; see docs/extending."""
