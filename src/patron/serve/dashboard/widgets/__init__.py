"""The building blocks of pages: charts, tables, tiles, menus and notices."""
