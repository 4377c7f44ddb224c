"""Which paths there are, and what is around a table and its answer: one module for each protocol."""
