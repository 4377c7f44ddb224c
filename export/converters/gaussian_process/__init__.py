"""`sklearn.gaussian_process`."""
