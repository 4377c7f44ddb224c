"""Python that computes on arrays and columns: it runs once, with stand-ins that record what is done to them."""
