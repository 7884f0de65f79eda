"""Whether gold is the same on DuckDB and on Spark, table by table."""
