"""The arithmetic that converters share, each in scikit-learn's order of operations."""
