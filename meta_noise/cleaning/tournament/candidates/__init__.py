"""One way a file to tell the class of rows whose own label is not looked at."""
