"""Data to fitted pipeline, with its held-out scores."""
