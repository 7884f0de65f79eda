"""The building blocks of pages: charts, tables, tiles, and what surrounds them."""
