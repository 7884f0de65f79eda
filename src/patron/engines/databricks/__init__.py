"""Databricks: SQL warehouses and clusters, with Unity Catalog or the Hive metastore."""
