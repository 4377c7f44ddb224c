"""`sklearn.feature_extraction`: texts."""
