"""Published encoders of texts and images, read from a local folder, and their vectors as the features of own data."""
