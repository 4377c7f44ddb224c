"""`sklearn.neighbors`."""
