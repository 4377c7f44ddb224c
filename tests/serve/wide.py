"""Columns with very many categories, and with few."""

from alpenglow._serve.signature import Column

CITIES = [f"category-{i:06}" for i in range(5000)]
WIDE = [
    Column("city", "string", nullable=True, example=CITIES[0], categories=CITIES),
    Column("size", "number", nullable=True, example=1.0),
]
NARROW = [Column("city", "string", nullable=True, example=CITIES[0], categories=CITIES[-2:]), WIDE[1]]
STRICT = ("valid", "unknown categories", "values of other types")  # what to send to them
