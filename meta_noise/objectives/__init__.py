"""What several methods share: parts of objectives, none of which is a method by itself."""
