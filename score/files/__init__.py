"""Files of rows: how each format is read in batches, and written in parts that become one file."""
