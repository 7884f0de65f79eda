"""Export gold to a PostgreSQL server, for BI tools."""
