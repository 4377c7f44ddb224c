"""`sklearn.decomposition`, and other maps to fewer columns."""
