"""Several processes, on one machine or on many, that train one network: start, agreement, and a common end."""
