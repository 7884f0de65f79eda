"""Export gold to a warehouse in the cloud: BigQuery, Snowflake or Databricks."""
