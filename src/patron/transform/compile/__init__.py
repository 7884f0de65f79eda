"""The rendered dbt project as SQL, without dbt: each model, seed and data test as a node."""
