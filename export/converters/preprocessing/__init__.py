"""`sklearn.preprocessing`."""
