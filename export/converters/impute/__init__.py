"""`sklearn.impute`."""
