"""How bytes become a table: one module for each way in which clients write rows, whichever path they post to."""
