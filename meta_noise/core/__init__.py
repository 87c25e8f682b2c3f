"""The bi-level machinery: knows no method, no model and no data set."""
