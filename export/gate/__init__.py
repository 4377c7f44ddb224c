"""The gate: rows on which scikit-learn and the graph have to agree, and how far they may differ."""
