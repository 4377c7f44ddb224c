"""`sklearn.pipeline` and `sklearn.compose`."""
