"""Files as a source: CSV, JSON lines and Parquet."""
